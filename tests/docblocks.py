"""The fenced blocks of the documents, and what each of them is.

A block of YAML that is no whole file says what it is a part of, in a comment right above it that no reader sees:

    <!-- yaml: RiskLimits.spec -->                         keys of that place of a manifest
    <!-- yaml: Account.spec, RiskLimits.spec -->           keys of several places
    <!-- yaml: Scenario.instruments.MSFT, each line -->    one alternative a line
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

_BLOCK = re.compile(
    r"(?:^ *<!-- yaml: (?P<place>[^\n]+?) -->\n)?"
    r"^(?P<indent> *)```(?P<language>[a-z]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, the language that it names, and what its YAML is a part of."""

    page: Path
    line: int
    language: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(REPOSITORY).as_posix()}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Every block of a page, without the indent that it has in a list."""
    markdown = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(markdown):
        indent = len(match["indent"])
        text = "".join(line[indent:] if line.strip() else "\n" for line in match["text"].splitlines(keepends=True))
        line = markdown.count("\n", 0, match.start("language")) + 1
        yield Block(page, line, match["language"], match["place"] or "", text)


def of_language(*languages: str) -> list[Block]:
    """The blocks of all pages that are in one of these languages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]
