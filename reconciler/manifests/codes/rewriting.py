"""Codes of `fmt` and `migrate`."""

from reconciler.manifests.codes.explanation import Explanation

REWRITING = {
    "FMT001": Explanation(
        "The canonical form of a file would change a value or lose a comment, so the file stays as it is.",
        "A formatter that changes what a manifest says would trade.",
        "folioctl fmt --diff",
    ),
    "FMT002": Explanation(
        "A path or a pattern that was given leads to no YAML file.",
        "A check that looked at nothing would pass.",
        "folioctl fmt 'desired-state/**/*.yaml'",
    ),
    "MIG001": Explanation(
        "No migration leads from a manifest's apiVersion to the one that is asked for.",
        "What an unknown format means cannot be guessed.",
        "folioctl migrate --to folioctl/v1",
    ),
    "MIG002": Explanation(
        "A manifest is written in a way that a migration cannot edit without guessing. The file stays as it is.",
        "A key that is moved wrongly is a limit that does not hold, and a comment that is lost is a reason that is.",
        "maxQuoteAge: 60s",
    ),
    "FMT003": Explanation(
        "A file that is to be rewritten cannot be written. It is as it was.",
        "A file is replaced whole or not at all.",
        "folioctl fmt --check",
    ),
}
