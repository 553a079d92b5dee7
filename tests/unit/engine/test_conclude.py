"""What a report says of an order whose executions were not all seen."""

from decimal import Decimal

from reconciler.domain.ids import PermId
from reconciler.domain.orders import CompletedReport, OrderState, order_ref
from reconciler.domain.run import LineResult, Outcome
from reconciler.domain.unknown import Unknown
from reconciler.engine.conclude import Ending, conclude
from reconciler.engine.desk import record_of
from reconciler.planning.orderbook import OrderBook, enter, take
from tests.builders import NOW, a_plan, a_run_result


def reported(count: int) -> LineResult:
    """The first line of a run whose first order the broker calls Filled, with so many shares and no execution."""
    plan = a_plan()
    order = plan.orders[0]
    ref = order_ref(plan.id, order, attempt=1)
    book = enter(OrderBook(), record_of(ref, order, NOW))
    book = take(book, [CompletedReport(ref, PermId(9), "Filled", Decimal(count), "")])
    ending = Ending(a_run_result(plan).id, Outcome.PARTIALLY_APPLIED, NOW, NOW, Unknown("not read"))
    return conclude(plan, book, ending).lines[0]


def test_an_order_that_filled_without_executions_is_not_called_smaller() -> None:
    line = reported(7)
    assert (line.state, line.filled) == (OrderState.FILLED, Decimal(0))
    assert line.detail == "the broker counts 7 filled; it did not show the executions behind them"
