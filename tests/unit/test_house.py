"""The house in order: packages state their rule, files stay small, decisions are numbered."""

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PRODUCT = [path for package in ("cli", "reconciler") for path in sorted((REPOSITORY / package).rglob("*.py"))]
DECISIONS = sorted((REPOSITORY / ".github" / "decisions").glob("*.md"))
LONGEST_FILE = 500
LONGEST_DECISION = 60
"""Lines. A decision fits a page."""


def test_every_package_states_its_rule() -> None:
    packages = [path for path in PRODUCT if path.name == "__init__.py"]
    silent = [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_no_directory_of_code_is_outside_a_package() -> None:
    lost = {path.parent for path in PRODUCT if not (path.parent / "__init__.py").is_file()}
    assert lost == set()


def test_no_file_of_product_code_is_long() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_decision_has_its_number_a_date_and_a_status_on_one_page() -> None:
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\. Status: (accepted|superseded by \d{4})\.", text, re.M), path.name
        assert len(text.splitlines()) <= LONGEST_DECISION, path.name


def test_every_decision_but_the_first_has_context_decision_and_consequences() -> None:
    for path in DECISIONS[1:]:
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.M)
        assert headings == ["Context", "Decision", "Consequences"], path.name
