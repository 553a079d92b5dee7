"""The risk desk: watches accounts as prices, holdings and requirements move, warns of low margin, and liquidates.

It looks at an account once a turn, however much moved in it, and a second after a trade. The broker warns with code
2148 (TWS API message codes); the texts are ours. Whoever lacks margin still after a time of grace is liquidated:
working orders that add risk are cancelled first, and so is what works in the contracts that are closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.simgateway.amounts import cents, ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.client import NO_REQUEST
from reconciler.simgateway.house import House
from reconciler.simgateway.margin import Figures, figures
from reconciler.simgateway.margin.alerts import is_low, lacks_memorandum
from reconciler.simgateway.orders import credit
from reconciler.simgateway.orders.admission import Application
from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.risk.liquidation import Closing, closings, liquidate

ALERT = 2148
IN_THE_WAY = Refusal(202, "Order Canceled - reason:The account does not meet its margin requirement.")


PAUSE_AFTER_TRADE = 1.0
"""Seconds. An order was admitted before it traded, so what it did is not urgent."""


@dataclass(frozen=True)
class Watch:
    """How the broker watches accounts: seconds of grace before a liquidation, None where it liquidates nothing."""

    grace_seconds: float | None


class Unwatched:
    """Nobody watches: for tests that are about something else."""

    def moved(self, accounts: Iterable[str]) -> None:
        """Requirements moved in these accounts."""

    def traded(self, account: str) -> None:
        """An account traded."""

    def price_moved(self, con_id: int) -> None:
        """The price of a contract moved."""


class RiskDesk(Unwatched):
    """Looks at the accounts in which something moved, in a turn of its own."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house = house
        self._grace = watch.grace_seconds
        self._moved: set[str] = set()
        self._traded: set[str] = set()
        self._low: set[str] = set()
        self._short_of_memorandum: set[str] = set()
        self._doomed: set[str] = set()

    def moved(self, accounts: Iterable[str]) -> None:
        """Requirements moved in these accounts."""
        if not self._moved:
            self._house.clock.call_later(0, self._look)
        self._moved.update(accounts)

    def traded(self, account: str) -> None:
        """An account traded: it is looked at a second later, however much it trades until then."""
        if account not in self._traded:
            self._traded.add(account)
            self._house.clock.call_later(PAUSE_AFTER_TRADE, lambda: self._pause_over(account))

    def price_moved(self, con_id: int) -> None:
        """The price of a contract moved: whoever holds it, or an option on it, is concerned."""
        touched = {con_id, *self._house.market.options_on(con_id)}
        concerned = [
            account for account, ledger in self._house.ledgers.items() if not touched.isdisjoint(ledger.positions)
        ]
        if concerned:
            self.moved(concerned)

    def _pause_over(self, account: str) -> None:
        self._traded.discard(account)
        self.moved([account])

    def _look(self) -> None:
        moved, self._moved = self._moved, set()
        for account in sorted(moved):
            ledger = self._house.ledgers[account]
            current = figures(ledger, self._house.market)
            self._warn(ledger, current)
            if current.deficiency:
                self._give_grace(account)

    def _warn(self, ledger: Ledger, current: Figures) -> None:
        """Each warning comes once, when what it warns of begins."""
        account = ledger.account
        if is_low(current, before=account in self._low):
            self._announce(self._low, account, _cushion_text(ledger, current))
        else:
            self._low.discard(account)
        if lacks_memorandum(current):
            self._announce(self._short_of_memorandum, account, _memorandum_text(ledger, current))
        else:
            self._short_of_memorandum.discard(account)

    def _announce(self, warned: set[str], account: str, text: str) -> None:
        if account in warned:
            return
        warned.add(account)
        for client in list(self._house.clients.values()):
            client.error(NO_REQUEST, ALERT, text)

    def _give_grace(self, account: str) -> None:
        if self._grace is None or account in self._doomed:
            return
        self._doomed.add(account)
        self._house.clock.call_later(self._grace, lambda: self._act(account))

    def _act(self, account: str) -> None:
        """Close what is lacking; where no market is open for it, when the next one opens."""
        self._doomed.discard(account)
        house, ledger = self._house, self._house.ledgers[account]
        if not figures(ledger, house.market).deficiency:
            return
        now = house.clock.now()
        chosen = closings(ledger, house.market, now)
        self._cancel_what_stands_against(account, chosen)
        for closing in chosen:
            liquidate(house, account, closing)
        opening = self._next_opening(ledger, now)
        if not chosen and opening:
            self._doomed.add(account)
            house.clock.call_later((opening - now).total_seconds(), lambda: self._act(account))

    def _next_opening(self, ledger: Ledger, now: datetime) -> datetime | None:
        held = (self._house.market.listing(con_id).instrument for con_id in ledger.held())
        openings = (each.sessions.next_open(now, outside_rth=False) for each in held)
        return min((each for each in openings if each is not None and each > now), default=None)

    def _cancel_what_stands_against(self, account: str, chosen: list[Closing]) -> None:
        closed = {closing.instrument.con_id for closing in chosen}
        for order in self._house.book.working():
            if order.terms.account == account and (order.contract.con_id in closed or self._adds_risk(order)):
                self._house.venue.withdraw(order, IN_THE_WAY)

    def _adds_risk(self, order: Order) -> bool:
        left = replace(order.terms, quantity=order.remaining)
        application = Application(left, order.contract, self._house.ledgers)
        return not credit.impact(application, self._house.market, credit.NOTHING).reduces_risk


def _cushion_text(ledger: Ledger, current: Figures) -> str:
    excess, percent = cents(current.excess_liquidity), ratio(current.cushion * 100, 1)
    return (
        f"Margin alert for account {ledger.account}: excess liquidity is {excess} {ledger.base_currency}, "
        f"{percent} % of net liquidation. Positions may be liquidated when it falls below zero."
    )


def _memorandum_text(ledger: Ledger, current: Figures) -> str:
    balance = cents(current.special_memorandum_account)
    return (
        f"Margin alert for account {ledger.account}: the special memorandum account is {balance} "
        f"{ledger.base_currency} while Regulation T is enforced. Positions may be liquidated."
    )
