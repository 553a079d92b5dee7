"""The pages whose tables are made from the code, and `.env.example`. `python -m tests.documents` makes them anew."""

from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler import settingsreference
from reconciler.manifests import reference
from reconciler.manifests.predecessor import variables
from reconciler.simgateway import verbs
from reconciler.simgateway.control import VERBS
from reconciler.simgateway.quirks import reference as quirks
from tests import commandlines, retries
from tests.matrix import page as matrix

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"

MADE: Mapping[Path, Callable[[str], str]] = {
    REPOSITORY / ".env.example": lambda _page: settingsreference.env_example(),
    DOCS / "commands.md": lambda page: settingsreference.refreshed(commandlines.refreshed(page)),
    DOCS / "faults.md": matrix.refreshed,
    DOCS / "gateway.md": lambda page: verbs.refreshed(quirks.refreshed(page), VERBS),
    DOCS / "manifests.md": reference.refreshed,
    DOCS / "migration.md": variables.refreshed,
    DOCS / "operations.md": retries.refreshed,
}
"""Each page, and the function that puts what is true now between its markers."""


if __name__ == "__main__":
    for page, refreshed in MADE.items():
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
