"""The order book of a run: all its orders folded together, and the reports that wait for the order they belong to.

A commission may come before its execution, and a status that names only a permId before the permId is known. They wait
here, so that no interleaving loses one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.domain.errors import InvariantBroken
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import EvidenceReport, OrderRecord, Report
from reconciler.planning.fold import concerns, fold, is_over


@dataclass(frozen=True)
class OrderBook:
    """Records by reference, and reports that no record has claimed yet (other clients' among them)."""

    records: Mapping[OrderRef, OrderRecord] = field(default_factory=dict)
    waiting: tuple[Report, ...] = ()

    def __getitem__(self, ref: OrderRef) -> OrderRecord:
        return self.records[ref]

    @property
    def open(self) -> tuple[OrderRecord, ...]:
        """The orders that are not over."""
        return tuple(record for record in self.records.values() if not is_over(record))


def enter(book: OrderBook, record: OrderRecord) -> OrderBook:
    """The book with a new order. An attempt at a line exists once."""
    if record.ref in book.records:
        raise InvariantBroken(f"{record.ref} is intended a second time")
    return replace(book, records={**book.records, record.ref: record})


def mark_sent(book: OrderBook, ref: OrderRef) -> OrderBook:
    """The book after the send of an order returned."""
    return replace(book, records={**book.records, ref: replace(book[ref], sent=True)})


def take(book: OrderBook, reports: Iterable[Report]) -> OrderBook:
    """The book with more reports, in whatever order they come."""
    records, waiting = dict(book.records), [*book.waiting, *reports]
    while True:
        unclaimed = [report for report in waiting if not _claim(records, report)]
        if len(unclaimed) == len(waiting):
            return OrderBook(records, tuple(unclaimed))
        waiting = unclaimed


def _claim(records: dict[OrderRef, OrderRecord], report: Report) -> bool:
    """Fold the report into the orders that it concerns, in place; whether there were any."""
    refs = [ref for ref, record in records.items() if concerns(record, report)]
    for ref in refs:
        records[ref] = fold(records[ref], report)
    return bool(refs) or isinstance(report, EvidenceReport)
