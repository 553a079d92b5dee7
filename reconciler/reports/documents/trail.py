"""The Trail document: one line of an export, as JSON or as CSV. The same journal gives the same bytes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.domain.account import Side
from reconciler.domain.desired import Environment
from reconciler.domain.ids import (
    AccountName,
    ConId,
    ExecId,
    InstrumentName,
    OrderId,
    OrderRef,
    PermId,
    PlanId,
    RunId,
)
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.domain.trail import TrailEntry
from reconciler.planfile.envelope import FORMAT_VERSION
from reconciler.planfile.fields import MoneyField, Number, Part, Time


class TrailLine(Part):
    """One execution with all that led to it, from the commit on; flat, so that a table has the same columns.

    What an order without executions, or a run without orders, does not have is null. `quantity` and `shares` are in
    shares, `price` in `currency`; `commission` is null where its report never came.
    """

    format_version: Annotated[str, Field(pattern=r"^1\.[0-9]+$")]
    kind: Literal["Trail"]
    commit: str | None
    dirty: bool
    manifests: str
    account: AccountName
    environment: Environment
    plan: PlanId
    run: RunId
    started: Time
    ended: Time | None
    outcome: Outcome | None
    batch: int | None
    line: int | None
    instrument: InstrumentName | None
    con_id: ConId | None
    currency: Currency | None
    side: Side | None
    quantity: Number | None
    order_ref: OrderRef | None
    attempt: int | None
    order_id: OrderId | None
    perm_id: PermId | None
    intended: Time | None
    sent: Time | None
    order_state: OrderState | None
    exec_id: ExecId | None
    executed: Time | None
    shares: Number | None
    price: Number | None
    commission: MoneyField | None


_NAMES = {"ref": "order_ref", "state": "order_state", "id": "exec_id", "time": "executed"}
"""Fields whose names would say too little in one flat line."""

_COMMISSION_CURRENCY = "commission_currency"


def trail_line(entry: TrailEntry) -> TrailLine:
    """One entry of the trail, flat."""
    revision = entry.revision
    return TrailLine(
        format_version=FORMAT_VERSION,
        kind="Trail",
        commit=revision.commit,
        dirty=revision.dirty,
        manifests=revision.manifests,
        account=entry.account,
        environment=entry.environment,
        plan=entry.plan,
        run=entry.run,
        started=entry.started,
        ended=entry.ended,
        outcome=entry.outcome,
        **_flat(entry),
    )


def _flat(entry: TrailEntry) -> dict[str, Any]:
    """The fields of the order and of the execution, null where there is none."""
    own = TrailLine.model_fields.keys() - {"format_version", "kind", "commit", "dirty", "manifests", *vars(entry)}
    found: dict[str, Any] = dict.fromkeys(own)
    for value in (entry.order, entry.execution):
        if value is not None:
            found |= {_NAMES.get(name, name): each for name, each in vars(value).items()}
    return found


def json_lines(entries: Iterable[TrailEntry]) -> Iterator[str]:
    """Each entry as a canonical JSON object on a line of its own."""
    for entry in entries:
        yield json.dumps(trail_line(entry).model_dump(mode="json"), sort_keys=True, ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[TrailEntry]) -> Iterator[str]:
    """A head line, then each entry: the fields in the order of the schema, empty where they are null.

    The commission's currency has a column of its own.
    """
    columns = [name for name in TrailLine.model_fields if name not in ("format_version", "kind")]
    yield _row([*columns, _COMMISSION_CURRENCY])
    for entry in entries:
        values = trail_line(entry).model_dump(mode="json")
        paid = values.pop("commission") or {"amount": None, "currency": None}
        values["commission"] = paid["amount"]
        yield _row([*(_word(values[name]) for name in columns), _word(paid["currency"])])


def _word(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(words: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(words)
    return line.getvalue()
