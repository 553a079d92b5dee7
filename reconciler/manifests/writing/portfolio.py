"""A Portfolio as text: a whole one, or another one's lines with new weights."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from reconciler.manifests.entry import Entry
from reconciler.manifests.scalars import SYMBOL_PATTERN
from reconciler.manifests.writing.edits import Editor
from reconciler.manifests.writing.values import inline, percent, plain, put, template, text_of
from reconciler.yamlsource import YamlPath, printable
from reconciler.yamlsource.roundtrip import CommentedMap, CommentedSeq, CommentMark, CommentToken

_SMART, _DOLLAR, _STOCK = "SMART", "USD", "STK"
_FIRST_COLUMN = 4


@dataclass(frozen=True)
class WrittenLine:
    """One line of a portfolio, as it is to be written. `comment` stands behind it, `above` on lines of their own."""

    symbol: str
    weight: Decimal
    name: str | None = None
    sec_type: str = _STOCK
    exchange: str = _SMART
    currency: str = _DOLLAR
    con_id: int | None = None
    sector: str | None = None
    comment: str = ""
    above: tuple[str, ...] = ()


def can_be_symbol(text: str) -> bool:
    """Whether a manifest can write this symbol."""
    return re.fullmatch(SYMBOL_PATTERN, text) is not None


def portfolio_text(name: str, lines: Sequence[WrittenLine], cash: Decimal, *, long_only: bool = True) -> str:
    """A whole Portfolio. One without lines is allowed to be empty, and all cash."""
    document = template("portfolio" if lines else "portfolio-empty")
    document["metadata"]["name"] = name
    if lines:
        targets = CommentedSeq()
        document["spec"]["targets"] = targets
        _append(targets, lines)
        # The template's list is in one line, and the comment behind it is the next key's: it stays with that key.
        put(document["spec"], {("cash",): percent(cash)})
    if not long_only:
        put(document["spec"], {("longOnly",): False})
    return text_of(document)


@dataclass(frozen=True)
class PortfolioChange:
    """What becomes of a Portfolio: `weights` and `sectors` by the place of a target, and what is appended.

    `cash` is None where it stays as it is.
    """

    weights: Mapping[int, Decimal]
    added: Sequence[WrittenLine]
    cash: Decimal | None
    long_only: bool
    sectors: Mapping[int, str] = field(default_factory=dict)


def begun(entry: Entry, lines: Sequence[WrittenLine], cash: Decimal, *, long_only: bool = True) -> str | None:
    """The whole text, with these lines, of a portfolio that still is as a set of manifests begins, else None.

    What its comments say is true of an empty one alone.
    """
    name = str(entry.name)
    if Path(entry.document.file).read_text(encoding="utf-8") != portfolio_text(name, [], Decimal(1)) or not lines:
        return None
    return portfolio_text(name, lines, cash, long_only=long_only)


def change(editor: Editor, entry: Entry, wanted: PortfolioChange) -> None:
    """Change a Portfolio in place. What already says the same stays as it is written."""
    targets: YamlPath = ("spec", "targets")
    for place, weight in wanted.weights.items():
        editor.put(entry, (*targets, place, "weight"), percent(weight), beside=())
    for place, sector in wanted.sectors.items():
        editor.put(entry, (*targets, place, "sector"), inline(sector), beside=[(*targets, place, "weight")])
    editor.append(entry, targets, [_text(each) for each in wanted.added])
    if wanted.cash is not None:
        _put(editor, entry, "cash", percent(wanted.cash))
    if not wanted.long_only:
        _put(editor, entry, "longOnly", "false")
    if wanted.added and entry.document.data["spec"].get("allowEmpty") is True:
        # It has lines now: to empty it again shall be refused as a slip of the pen.
        _put(editor, entry, "allowEmpty", "false")


def _put(editor: Editor, entry: Entry, key: str, written: str) -> None:
    scalars = [("spec", each) for each in (key, "cash", "longOnly", "allowEmpty")]
    if any(entry.document.source(each) is not None for each in scalars):
        editor.put(entry, ("spec", key), written, beside=scalars)
    else:
        editor.put_before(entry, ("spec", "targets"), f"{key}: {written}")


def _text(line: WrittenLine) -> str:
    node = inline(_node(line))
    return f"{node}  # {printable(line.comment)}" if line.comment else node


def _append(targets: CommentedSeq, lines: Iterable[WrittenLine]) -> None:
    for line in lines:
        targets.append(_node(line))
        place = len(targets) - 1
        if line.comment:
            targets.yaml_add_eol_comment(printable(line.comment), place)
        if line.above:
            # The library's own function for this cannot be called once there is a comment behind the line.
            tokens = [_comment(each) for each in line.above]
            targets.ca.items[place] = [*targets.ca.items.get(place, [None])[:1], tokens, None, None]


def _comment(text: str) -> CommentToken:
    return CommentToken(f"# {printable(text)}\n", CommentMark(_FIRST_COLUMN), None)


def _node(line: WrittenLine) -> CommentedMap:
    said = {
        "symbol": line.symbol,
        "weight": percent(line.weight),
        "name": line.name if line.name != line.symbol else None,
        "secType": line.sec_type if line.sec_type != _STOCK else None,
        "exchange": line.exchange if line.exchange != _SMART else None,
        "currency": line.currency if line.currency != _DOLLAR else None,
        "conId": line.con_id,
        "sector": line.sector,
    }
    node = CommentedMap({key: plain(value) for key, value in said.items() if value is not None})
    node.fa.set_flow_style()
    return node
