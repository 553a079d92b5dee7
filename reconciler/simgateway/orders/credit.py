"""Credit: what an order would do to its account, and whether the account can carry it.

Margin accounts are tested on available funds, and while Regulation T is enforced on the special memorandum account too;
what asks for no more margin than before always passes. Cash accounts are tested on the cash in the order's currency.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO, cents
from reconciler.simgateway.books.agreement import MarginModel
from reconciler.simgateway.books.commissions import Charge, estimate
from reconciler.simgateway.books.ledger import Ledger, Position
from reconciler.simgateway.margin import Figures, appraise
from reconciler.simgateway.market.instruments import Quote
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.admission import Application
from reconciler.simgateway.orders.book import Refusal, Working
from reconciler.simgateway.orders.pricing import KINDS, Need
from reconciler.simgateway.orders.terms import BUY, Terms

NOTHING = Working({}, {})
"""No orders at work: how the broker judges a what-if."""


@dataclass(frozen=True)
class Impact:
    """The account before an order and after it filled at the market, and the commission in the order's currency."""

    before: Figures
    after: Figures
    commission: Charge

    @property
    def reduces_risk(self) -> bool:
        """Whether the order asks for no more margin than there is already."""
        return self.after.initial_margin <= self.before.initial_margin


def impact(application: Application, market: Market, working: Working) -> Impact:
    """What the order would do to its account, on top of the buys at work: an unfilled sell frees nothing yet."""
    terms, instrument = application.terms, application.instrument
    ledger = application.accounts[terms.account]
    quote = market.quote(instrument.con_id)
    price = _expected_price(terms, quote)
    charge = estimate(ledger.agreement.pricing, instrument.security_type, terms.shares, price)
    rate = ledger.rate(instrument.currency)
    slippage = instrument.notional(terms.signed * terms.shares, price - quote.mark)
    changes = dict(working.buys)
    changes[instrument.con_id] = changes.get(instrument.con_id, ZERO) + terms.signed * terms.shares
    appraisal = appraise(ledger, market)
    after = appraisal.figures(changes, (charge.most + slippage) * rate)
    return Impact(appraisal.figures(working.buys), after, charge)


def _expected_price(terms: Terms, quote: Quote) -> Decimal:
    """Where the order would fill: a limit bounds what the market asks."""
    price = (quote.ask if terms.action == BUY else quote.bid) or quote.mark
    if KINDS[terms.order_type].limit is Need.NONE or not terms.limit_price:
        return price
    return min(price, terms.limit_price) if terms.action == BUY else max(price, terms.limit_price)


def objection(application: Application, result: Impact, market: Market, working: Working) -> Refusal | None:
    """Why the account cannot carry the order, or None."""
    ledger = application.accounts[application.terms.account]
    return _TESTS[ledger.agreement.margin](_Case(application, result, market, working, ledger))


class _Case(NamedTuple):
    application: Application
    result: Impact
    market: Market
    working: Working
    ledger: Ledger


def _on_margin(case: _Case) -> Refusal | None:
    """The broker's test of new positions: available funds after the order must not be negative."""
    after = case.result.after
    required = after.initial_margin
    if after.enforced and after.special_memorandum_account < 0:
        required = max(required, after.regulation_t_margin)
    elif after.available_funds >= 0:
        return None
    if case.result.reduces_risk:
        return None
    currency = case.ledger.base_currency
    return Refusal(
        201,
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH "
        f"LOAN VALUE [{cents(after.equity_with_loan)} {currency}] MUST EXCEED THE INITIAL MARGIN "
        f"[{cents(required)} {currency}]",
    )


def _in_cash(case: _Case) -> Refusal | None:
    """Futures are on margin in every account; all else is paid with cash, or with what is held."""
    instrument = case.application.instrument
    if instrument.settles_daily:
        return _on_margin(case)
    if case.application.terms.action == BUY:
        return _enough_cash(case)
    return _enough_currency(case) if instrument.is_currency_pair else _enough_shares(case)


def _enough_shares(case: _Case) -> Refusal | None:
    """A cash account sells what it holds, and that once."""
    terms, con_id = case.application.terms, case.application.instrument.con_id
    held = case.ledger.positions.get(con_id, Position()).quantity
    if held - case.working.sells.get(con_id, ZERO) >= terms.shares:
        return None
    return Refusal(426, "None of the accounts have enough shares.")


def _enough_currency(case: _Case) -> Refusal | None:
    """Who sells a currency pair delivers the currency that is its symbol."""
    instrument = case.application.instrument
    pending = case.working.sells.get(instrument.con_id, ZERO)
    return _paid_with(case, instrument.symbol, pending + case.application.terms.shares)


def _enough_cash(case: _Case) -> Refusal | None:
    """Who buys pays in the currency of what is bought; what works already has first claim on it."""
    terms, instrument, market = case.application.terms, case.application.instrument, case.market
    pending = sum(
        (
            market.listing(con_id).instrument.notional(shares, market.quote(con_id).mark)
            for con_id, shares in case.working.buys.items()
            if market.listing(con_id).instrument.currency == instrument.currency
        ),
        ZERO,
    )
    price = _expected_price(terms, market.quote(instrument.con_id))
    order = instrument.notional(terms.shares, price) + case.result.commission.most
    return _paid_with(case, instrument.currency, pending + order)


def _paid_with(case: _Case, currency: str, needed: Decimal) -> Refusal | None:
    available = case.ledger.settled(currency)
    if needed <= available:
        return None
    base, rate = case.ledger.base_currency, case.ledger.rate(currency)
    return Refusal(
        201,
        f"Order rejected - reason:Available settled cash converted to base: {cents(available * rate)} {base} "
        f"Cash needed for this order and other pending orders: <br>{cents(needed * rate)} {base}",
    )


_TESTS: Mapping[MarginModel, Callable[[_Case], Refusal | None]] = {
    MarginModel.REGULATION_T: _on_margin,
    MarginModel.PORTFOLIO_STRESS: _on_margin,
    MarginModel.CANADA: _on_margin,
    MarginModel.CASH: _in_cash,
}
