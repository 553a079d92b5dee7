"""At which commit the manifests are, as git itself says. It answers whatever state the repository is in.

Dirty means that what is loaded from the directory is not what the commit holds: a change, staged or not, a file that
git does not track, or a manifest or a file of weights that it was told to ignore. Where git cannot say, there is no
commit, and dirty.
"""

import os
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from reconciler.domain import filenames
from reconciler.domain.desired import Revision

PATIENCE = timedelta(seconds=20)
"""How long git may take. A repository of manifests takes it milliseconds."""

_STATUS = (
    *("-c", "core.fsmonitor=false"),  # a repository's configuration must not start a program of its own here
    *("status", "--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all", "--ignored"),
    *("--", "."),
)
_COMMIT_HEADER = "# branch.oid "
_NO_COMMIT_YET = "(initial)"
_NO_REPOSITORY = "not a git repository (or any"
"""How git begins to say that no parent directory is a repository either; a broken one is told in other words."""

_REDIRECTIONS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY")
"""Set inside a git hook; they would point git at another repository than the directory's."""


class GitRevisionSource:
    """The RevisionSource port over the git repository that `directory`, the manifests', is in."""

    def __init__(self, directory: Path, *, timeout: timedelta = PATIENCE) -> None:
        self._directory = directory
        self._timeout = timeout

    def revision(self, manifests_digest: str) -> Revision:
        """The commit and whether the directory differs from it; outside of a repository no commit, and not dirty."""
        try:
            status = _run_git(self._directory, self._timeout)
        except (OSError, subprocess.TimeoutExpired):
            return Revision(commit=None, dirty=True, manifests=manifests_digest)
        if status.returncode != 0:
            return Revision(commit=None, dirty=_NO_REPOSITORY not in status.stderr, manifests=manifests_digest)
        entries = status.stdout.split("\0")
        commit = _commit(entries)
        return Revision(commit=commit, dirty=commit is None or _is_dirty(entries), manifests=manifests_digest)


def _run_git(directory: Path, timeout: timedelta) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name not in _REDIRECTIONS}
    return subprocess.run(
        ["git", "-C", str(directory), *_STATUS],
        env={**environment, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},  # reading must not write the index
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout.total_seconds(),
        check=False,
    )


def _commit(entries: Sequence[str]) -> str | None:
    named = [entry.removeprefix(_COMMIT_HEADER) for entry in entries if entry.startswith(_COMMIT_HEADER)]
    return named[0] if named and named[0] != _NO_COMMIT_YET else None


def _is_dirty(entries: Sequence[str]) -> bool:
    return any(_counts(entry) for entry in entries)


def _counts(entry: str) -> bool:
    """Whether a status entry makes the directory dirty: `#` is a header and `!` an ignored file."""
    if entry.startswith("!"):
        return filenames.may_be_read(entry)
    return bool(entry) and not entry.startswith("#")
