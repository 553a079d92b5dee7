"""Writing the lock file's text: one block for each contract, sorted, made to be reviewed in a diff.

What stays is taken over line by line, as somebody wrote it; only what is new is made. A comment right above an entry
goes with it; one that a blank line sets apart stays in the file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reconciler import yamlsource
from reconciler.manifests.contract_lock import FILE, LockedContract, entries_of
from reconciler.manifests.lock import replacing
from reconciler.manifests.lock.layout import Block, Layout, lay_out, lines_of
from reconciler.yamlsource import roundtrip

_HEAD = """\
#
# What the symbols of the manifests are at the broker. `folioctl lock` writes it: commit it, and review its changes.
apiVersion: folioctl/v1
kind: ContractLock
contracts:
"""
_KEYS = [str(info.alias) for info in LockedContract.model_fields.values()]
_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some readers of YAML take for something else: they are put in quotes."""


@dataclass(frozen=True)
class LockEdits:
    """What becomes of the entries, by their contract ids. An entry in the place of another keeps its comments."""

    added: tuple[LockedContract, ...] = ()
    replaced: Mapping[int, LockedContract] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.replaced or self.removed)

    def of(self, entries: Iterable[LockedContract]) -> list[LockedContract]:
        """The entries after the edits, in the order of the file."""
        kept = [self.replaced.get(each.con_id, each) for each in entries if each.con_id not in self.removed]
        return sorted([*kept, *self.added], key=in_file_order)


def rewritten(text: str, entries: Sequence[LockedContract], edits: LockEdits) -> str | None:
    """The lock file's text after the edits; without a text, a new one. `entries` are those of `text`.

    None where the text is laid out so that its entries cannot be told apart line by line, as with anchors between them,
    or where a comment would be lost that goes with no entry that goes.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    layout = lay_out(plain if entries else _begun(plain), entries)
    if layout is None:
        return None
    removed = [each for each in layout.blocks if each.entry.con_id in edits.removed]
    blocks = [_edited(each, edits, layout) for each in layout.blocks if each.entry.con_id not in edits.removed]
    free = [line for each in removed for line in each.apart]
    blocks += [Block(each, [], [], _block(each, layout.column)) for each in edits.added]
    made = "".join(_lines(layout, sorted(blocks, key=lambda each: in_file_order(each.entry)), free))
    going = "".join(line for each in removed for line in (*each.lead, *each.body))
    is_whole = not _comments(plain) - _comments(made) - _comments(going)
    return made.replace("\n", newline) if is_whole and entries_of(made) == tuple(edits.of(entries)) else None


def _comments(text: str) -> Counter[str]:
    return Counter(each.text.rstrip() for each in yamlsource.comments(text))


def _begun(text: str) -> str:
    """The text, to which a lock file's head is added where it holds no more than comments."""
    if yamlsource.load(text, FILE) != ([], []):
        return text
    return "".join(lines_of(text) if text else []) + _HEAD


def in_file_order(entry: LockedContract) -> tuple[str, str, str, str, str, int]:
    """What the file is sorted by."""
    return (
        entry.symbol,
        entry.sec_type,
        entry.currency,
        entry.primary_exchange,
        entry.expiry or "",
        entry.con_id,
    )


def _lines(layout: Layout, blocks: Sequence[Block], free: Sequence[str]) -> Iterator[str]:
    yield from layout.head[:-1]
    yield layout.key_line(is_empty=not blocks)
    for each in blocks:
        yield from (*each.apart, *each.lead, *each.body)
    yield from (*free, *layout.tail)


def _edited(block: Block, edits: LockEdits, layout: Layout) -> Block:
    entry = edits.replaced.get(block.entry.con_id, block.entry)
    if entry == block.entry:
        return block
    body = replacing.replaced(block.body, *_changed(block.entry, entry), _KEYS)
    if body is not None:
        return Block(entry, block.apart, block.lead, body)
    remarks = replacing.comments_of(block.body, layout.column)
    return Block(entry, block.apart, [*block.lead, *remarks], _block(entry, layout.column))


def _changed(entry: LockedContract, fresh: LockedContract) -> tuple[dict[str, list[str]], set[str]]:
    """The lines of each key that says something else in the fresh entry, and the keys that it does not have."""
    different = {
        str(info.alias)
        for name, info in LockedContract.model_fields.items()
        if getattr(entry, name) != getattr(fresh, name)
    }
    written = _mapping(fresh)
    anew = {key: lines_of(roundtrip.write([{key: written[key]}])) for key in written if key in different}
    return anew, different - anew.keys()


def _block(entry: LockedContract, column: int) -> list[str]:
    return _shifted(roundtrip.write([{"contracts": [_mapping(entry)]}]), column)


def _shifted(text: str, column: int) -> list[str]:
    """The lines below the first, which is the list's key, with the list's dash in `column`."""
    lines = lines_of(text)[1:]
    return [" " * column + line[2:] if line.strip() else line for line in lines]


def _mapping(entry: LockedContract) -> Any:
    """An entry as it is written: its keys in the order of the schema, without those that say nothing."""
    made = roundtrip.mapping()
    for name, info in LockedContract.model_fields.items():
        value = getattr(entry, name)
        if value not in (None, ""):
            made[str(info.alias)] = _value(name, value)
    return made


def _value(name: str, value: Any) -> Any:
    match value:
        case Decimal():
            return _number(value)
        case str():
            return roundtrip.quoted(value) if value.lower() in _BOOLEANS else value
        case list() if name == "increments":
            rows = ({"from": _number(each.from_), "step": _number(each.step)} for each in value)
            return [roundtrip.in_one_line(row) for row in rows]
        case list():
            return roundtrip.in_one_line([_value("", each) for each in value])
        case _:
            return value


def _number(value: Decimal) -> Decimal | int:
    whole = value == value.to_integral_value()
    return int(value) if whole else value.normalize()
