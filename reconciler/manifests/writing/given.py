"""A given portfolio, of the predecessor's formats, as a Portfolio: a whole one, or the weights of one that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from reconciler import yamlsource
from reconciler.diagnostics import Location
from reconciler.domain.errors import Refused
from reconciler.domain.options import GivenTarget
from reconciler.manifests import inventory
from reconciler.manifests.entry import Entry
from reconciler.manifests.portfolio import Portfolio
from reconciler.manifests.tree import walk
from reconciler.manifests.writing.adoption import Texts, require_plain
from reconciler.manifests.writing.comments import Comment, comments_of
from reconciler.manifests.writing.edits import Editor
from reconciler.manifests.writing.portfolio import PortfolioChange, WrittenLine, begun, change
from reconciler.yamlsource import Document

Placed = Sequence[tuple[GivenTarget, Location]]


def lines_of(placed: Placed, text: str) -> list[WrittenLine]:
    """The lines in the order of their file, each with the comments that stand at it there."""
    lines = [WrittenLine(each.symbol, each.weight, sector=each.sector) for each, _ in placed]
    places = [place for _, place in placed]
    for comment in comments_of(text):
        before = [number for number, place in enumerate(places) if place.line <= comment.line]
        own = before[-1] if before else None
        if own is not None and (own == len(places) - 1 or _is_within(comment, places[own])):
            lines[own] = replace(lines[own], comment="; ".join(filter(None, (lines[own].comment, comment.text))))
        else:
            following = 0 if own is None else own + 1
            lines[following] = replace(lines[following], above=(*lines[following].above, comment.text))
    return lines


def _is_within(comment: Comment, key: Location) -> bool:
    """Whether it belongs to the key that it follows: behind something, or further in than the key."""
    return not comment.stands_alone or comment.column > key.column


def cash_of(lines: Sequence[WrittenLine]) -> Decimal:
    """What the weights leave."""
    return max(1 - sum((each.weight for each in lines), Decimal(0)), Decimal(0))


@dataclass(frozen=True)
class Merged:
    """A Portfolio's file with other weights. `closed` are the lines that the given portfolio does not have."""

    texts: Texts
    closed: tuple[str, ...]


def into(directory: Path, name: str, lines: Sequence[WrittenLine]) -> Merged:
    """The Portfolio of that name below `directory`, with these weights, its comments kept.

    What it has besides gets the weight 0. Raises Refused where it is not there, its weights are not all its own, or a
    symbol means several of its lines.
    """
    manifests, _ = inventory.read(walk(directory))
    found = manifests.find(Portfolio, name)
    if found is None:
        raise Refused(f"there is no Portfolio '{name}' in {directory}")
    entry, manifest = found
    require_plain(entry)
    whole = begun(entry, lines, cash_of(lines))
    if whole is not None:
        return Merged({Path(entry.document.file): whole}, ())
    known = _by_symbol([each.symbol for each in manifest.spec.targets])
    given = {each.symbol.upper(): each for each in lines}
    weights = {place: given[symbol].weight if symbol in given else Decimal(0) for symbol, place in known.items()}
    said = manifest.spec.targets
    editor = Editor()
    change(
        editor,
        entry,
        PortfolioChange(
            weights={place: weight for place, weight in weights.items() if weight != said[place].weight},
            added=[each for symbol, each in given.items() if symbol not in known],
            cash=None if cash_of(lines) == manifest.spec.cash else cash_of(lines),
            long_only=True,
            sectors={known[symbol]: each.sector for symbol, each in given.items() if symbol in known and each.sector},
        ),
    )
    _require_said(editor.texts, entry, given)
    closed = tuple(said[place].symbol for symbol, place in known.items() if symbol not in given and said[place].weight)
    return Merged(editor.texts, closed)


def _require_said(texts: Texts, entry: Entry, given: Mapping[str, WrittenLine]) -> None:
    """Raises Refused where the new text does not say what it should: anchors and merges share what is written once."""
    text = texts.get(Path(entry.document.file))
    if text is None:
        return
    for document in yamlsource.load(text.removeprefix("\ufeff"), entry.document.file)[0]:
        portfolio, _ = yamlsource.parse(document, Portfolio, "MAN") if _is(document, entry) else (None, [])
        if portfolio is not None:
            said = {each.symbol.upper(): each.weight for each in portfolio.spec.targets if each.weight}
            if said == {symbol: each.weight for symbol, each in given.items() if each.weight}:
                return
    raise Refused(f"{entry} is written in a way that is not edited here, with anchors perhaps: change it by hand")


def _is(document: Document, entry: Entry) -> bool:
    data = document.data
    return isinstance(data, dict) and data.get("kind") == entry.kind and data["metadata"]["name"] == entry.name


def _by_symbol(symbols: Sequence[str]) -> Mapping[str, int]:
    known: dict[str, int] = {}
    for place, symbol in enumerate(symbols):
        if symbol.upper() in known:
            raise Refused(f"{symbol} stands for several lines of the portfolio: change their weights by hand")
        known[symbol.upper()] = place
    return known
