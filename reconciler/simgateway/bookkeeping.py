"""Bookkeeping: what the broker enters in the books by itself, at the end of its days and in corporate actions.

Each midnight of the broker's day: futures pay their variation, interest accrues, cash settles, dividends that are due
are paid, and on the first of a month the interest is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from reconciler.simgateway.books import corporate, settlement
from reconciler.simgateway.books.corporate import SAME, Dividend, Exchange, Ratio
from reconciler.simgateway.books.ledger import Ledger, Posting
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import Listing, Market
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.statements.profit_reports import ProfitReports
from reconciler.simgateway.statements.reporting import Reporting
from reconciler.simgateway.venue import Venue

CORPORATE_ACTION = Refusal(202, "Order Canceled - reason:Corporate action")


class _Payment(NamedTuple):
    """A posting to come, the account it is for, and its day."""

    day: date
    account: str
    posting: Posting


class Bookkeeping:
    """Keeps the books of all accounts. Corporate actions raise KeyError for an unknown contract id."""

    def __init__(
        self,
        ledgers: Mapping[str, Ledger],
        market: Market,
        venue: Venue,
        reporting: Reporting,
        clock: Clock,
        profits: ProfitReports,
        tell_quote: Callable[[Instrument], None],
    ) -> None:
        self._ledgers = ledgers
        self._market = market
        self._venue = venue
        self._reporting = reporting
        self._clock = clock
        self._profits = profits
        self._tell_quote = tell_quote
        self._payments: list[_Payment] = []
        self._stopped = False
        self._await_end_of(self.today)

    @property
    def today(self) -> date:
        """The broker's day."""
        return settlement.broker_day(self._clock.now())

    def stop(self) -> None:
        """Enter nothing more at midnight."""
        self._stopped = True

    def dividend(self, dividend: Dividend, pays_in_days: int = 0) -> None:
        """Today is the ex-date: holders are owed the dividend now, and paid after some days, or at once."""
        symbol = self._market.listing(dividend.con_id).instrument.symbol
        for account, ledger in self._ledgers.items():
            accrued = corporate.accrual(ledger, dividend, f"dividend {symbol} {self.today}")
            if accrued:
                due = _Payment(self.today + timedelta(pays_in_days), account, corporate.payment(accrued))
                self._enter(account, [accrued])
                self._payments.append(due)
        self._pay_dividends(self.today)

    def split(self, con_id: int, ratio: Ratio, new_con_id: int | None = None) -> None:
        """Old shares become new ones, under a new contract id where one is given; prices follow.

        Raises ValueError for a contract id that is in use, or a ratio that is not above zero.
        """
        if ratio.new <= 0 or ratio.old <= 0:
            raise ValueError("the ratio of a split is above zero")
        listing = self._market.listing(con_id)
        new = replace(listing.instrument, con_id=new_con_id or con_id)
        quote = corporate.adjusted(listing.quote, new, ratio)
        self._exchange(replace(listing, instrument=new, quote=quote), listing.instrument, ratio, "split")

    def rename(self, con_id: int, symbol: str, new_con_id: int | None = None) -> None:
        """A contract gets another symbol, and another contract id where one is given. Raises ValueError as `split`."""
        listing = self._market.listing(con_id)
        new = replace(listing.instrument, con_id=new_con_id or con_id, symbol=symbol)
        self._exchange(replace(listing, instrument=new), listing.instrument, SAME, "symbol change")

    def _exchange(self, successor: Listing, old: Instrument, ratio: Ratio, name: str) -> None:
        new = successor.instrument
        self._market.replace(old.con_id, successor)
        self._profits.exchanged(old.con_id, new.con_id, ratio)
        self._venue.withdraw_all(old.con_id, CORPORATE_ACTION)
        self._tell_quote(new)
        action = Exchange(old, new, ratio, successor.quote.mark)
        for account, ledger in self._ledgers.items():
            postings = list(corporate.exchange(ledger, action, f"{name} {old.symbol} {self.today}"))
            if postings:
                self._enter(account, postings)
                # The old contract id is told as flat before the new one shows what is held.
                for instrument in dict.fromkeys((old.con_id, new.con_id)):
                    self._reporting.position_changed(account, self._market.listing(instrument).instrument)

    def _await_end_of(self, day: date) -> None:
        left = (settlement.end_of(day) - self._clock.now()).total_seconds()
        self._clock.call_later(max(left, 0.0), partial(self._end, day))

    def _end(self, day: date) -> None:
        if self._stopped:
            return
        following = day + timedelta(1)
        for account, ledger in self._ledgers.items():
            self._enter(account, settlement.variation(ledger, self._market, day))
            self._enter(account, settlement.interest(ledger, day))
            ledger.settle(following)
            self._enter(account, settlement.interest_payment(ledger, following))
        self._pay_dividends(following)
        self._await_end_of(following)

    def _pay_dividends(self, day: date) -> None:
        due = [each for each in self._payments if each.day <= day]
        self._payments = [each for each in self._payments if each.day > day]
        for each in due:
            self._enter(each.account, [each.posting])

    def _enter(self, account: str, postings: Iterable[Posting]) -> None:
        entered = list(postings)
        for posting in entered:
            self._ledgers[account].post(posting)
        if entered:
            self._reporting.values_changed(account)
