"""Executions: a fill is posted to the account, recorded with the order, and told."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from reconciler.simgateway.amounts import average
from reconciler.simgateway.books import booking
from reconciler.simgateway.books.booking import Fee, Trade
from reconciler.simgateway.books.commissions import Volumes, commission
from reconciler.simgateway.books.day_trades import COUNTED
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.books.settlement import broker_day, settlement_day
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.orders.book import Execution, Order, OrderBook, Status
from reconciler.simgateway.venue.listener import Listener


class Executions:
    """Executes orders. `filled` is told of each fill, in shares, after the listener."""

    def __init__(
        self,
        ledgers: Mapping[str, Ledger],
        book: OrderBook,
        clock: Clock,
        listener: Listener,
        filled: Callable[[Order, Decimal], None],
    ) -> None:
        self._ledgers = ledgers
        self._book = book
        self._clock = clock
        self._listener = listener
        self._filled = filled
        self._volumes = Volumes()

    def execute(self, order: Order, shares: Decimal, price: Decimal) -> None:
        """Fill an order by so many shares at a price, for each account that it is for."""
        for account, part in order.parts(shares):
            self._execute_for(account, order, part, price)
        self._filled(order, shares)

    def _execute_for(self, account: str, order: Order, shares: Decimal, price: Decimal) -> None:
        terms, instrument = order.terms, order.contract
        exec_id = self._book.new_exec_id()
        fee = self._charge(account, order, shares, price)
        ledger, now = self._ledgers[account], self._clock.now()
        settles = settlement_day(instrument.security_type, broker_day(now))
        trade = Trade(exec_id, instrument, shares * terms.signed, price, fee.amount, fee.currency, settles)
        if ledger.day_trades.are_limited:
            self._count_day_trade(ledger, order, trade)
        realized = booking.enter(ledger, trade)
        filled = order.filled + shares
        execution = Execution(
            exec_id=exec_id,
            time=now,
            shares=shares,
            price=price,
            cumulative_quantity=filled,
            average_price=average(order.value + shares * price, filled),
            commission=fee.amount,
            commission_currency=fee.currency,
            realized=realized,
            account=account,
        )
        order.record(execution)
        if not order.remaining:
            order.enter(Status.FILLED)
            order.completed_at = execution.time
            order.completed_status = f"Filled Size: {filled.normalize():f}"
        elif order.status is not Status.PENDING_CANCEL:
            order.enter(Status.SUBMITTED)
        self._listener.executed(order, execution)

    def _count_day_trade(self, ledger: Ledger, order: Order, trade: Trade) -> None:
        """See whether a fill that is not yet entered makes a day trade."""
        if trade.instrument.security_type in COUNTED:
            con_id, today = trade.instrument.con_id, broker_day(self._clock.now())
            ledger.day_trades.enter(today, order.perm_id, con_id, ledger.position(con_id).quantity, trade.shares)

    def _charge(self, account: str, order: Order, shares: Decimal, price: Decimal) -> Fee:
        """The commission of a fill, which counts for the prices of the next."""
        now = self._clock.now()
        before = self._volumes.so_far(account, now)
        self._volumes.add(account, now, shares)
        ledger, instrument = self._ledgers[account], order.contract
        asked = commission(ledger.agreement.pricing, instrument.security_type, shares, price, before)
        return booking.fee(ledger, instrument, asked)
