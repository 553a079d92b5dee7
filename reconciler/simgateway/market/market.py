"""The market: instruments by id and symbol, their quotes, and the search that contract requests make."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from reconciler.simgateway.market.instruments import (
    Entitlement,
    FillBehaviour,
    Instrument,
    MarginRates,
    MarginSchedule,
    MarketRule,
    Quote,
    Statistics,
)
from reconciler.simgateway.market.margin_calendar import MarginTime
from reconciler.simgateway.market.rates import Pairs

_RIGHTS = {"CALL": "C", "PUT": "P"}
_NO_RIGHT = ("", "0", "?")
"""What clients send for an option's right where the contract has none."""


@dataclass(frozen=True)
class ContractQuery:
    """What a client says about a contract; empty fields ask for anything.

    Beside a contract id only the exchange counts. `expiry` is a day, `20261218`, or a month, `202612`; a strike of zero
    asks for any, and so does a right that is none.
    """

    con_id: int = 0
    symbol: str = ""
    security_type: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    expiry: str = ""
    multiplier: Decimal | None = None
    strike: Decimal | None = None
    right: str = ""

    def matches(self, instrument: Instrument) -> bool:
        """Whether the instrument answers the query. Without an id, a symbol or a local symbol must be given."""
        if not instrument.trades_on(self.exchange):
            return False
        if self.con_id:
            return instrument.con_id == self.con_id
        named = self.symbol or self.local_symbol
        return (
            bool(named) and self._fits(instrument) and self._fits_delivery(instrument) and self._fits_option(instrument)
        )

    def _fits(self, instrument: Instrument) -> bool:
        return (
            self.symbol in ("", instrument.symbol)
            and self.local_symbol in ("", instrument.local_symbol)
            and self.security_type in ("", instrument.security_type)
            and self.currency in ("", instrument.currency)
            and self.trading_class in ("", instrument.trading_class)
            and self.primary_exchange in ("", instrument.primary_exchange)
        )

    def _fits_delivery(self, instrument: Instrument) -> bool:
        # Clients send a multiplier for what has none: an empty text, or 0, or 1.
        if self.multiplier and self.multiplier != instrument.multiplier:
            return False
        if not self.expiry:
            return True
        delivery = instrument.delivery
        return delivery is not None and self.expiry in (delivery.month, f"{delivery.expiry:%Y%m%d}")

    def _fits_option(self, instrument: Instrument) -> bool:
        right = "" if self.right in _NO_RIGHT else _RIGHTS.get(self.right, self.right)
        if not right and not self.strike:
            return True
        option = instrument.option
        return option is not None and right in ("", option.right) and (self.strike or option.strike) == option.strike


@dataclass(frozen=True)
class Listing:
    """An instrument as the market carries it, with what a scenario or the control channel can change."""

    instrument: Instrument
    quote: Quote
    entitlement: Entitlement
    fill: FillBehaviour
    margin: MarginSchedule
    halts: frozenset[str] = frozenset()
    """Why trading in it is halted; empty while it trades."""
    statistics: Statistics = field(default_factory=Statistics)
    delta: Decimal | None = None
    """How far the price of an option moves for one of its underlying; None where nobody computes it."""


class Market:
    """All listings, in the scenario's order. Changed by its methods alone, from `replace` to `enter`."""

    def __init__(self, listings: Iterable[Listing], rules: Iterable[MarketRule]) -> None:
        self._listings = {listing.instrument.con_id: listing for listing in listings}
        self._pair_ids = [each for each, listing in self._listings.items() if listing.instrument.is_currency_pair]
        self._underlyings = {
            con_id: listing.instrument.delivery.underlying_con_id
            for con_id, listing in self._listings.items()
            if listing.instrument.option and listing.instrument.delivery
        }
        self._retired: set[int] = set()
        self.rules: Mapping[int, MarketRule] = {rule.rule_id: rule for rule in rules}
        self.margin_time = MarginTime()

    @property
    def pairs(self) -> Pairs:
        """The currency pairs that have a price, at their marks."""
        traded = (self._listings[con_id] for con_id in self._pair_ids)
        return {
            (each.instrument.symbol, each.instrument.currency): each.quote.mark for each in traded if each.quote.mark
        }

    @property
    def instruments(self) -> list[Instrument]:
        """Every instrument."""
        return [listing.instrument for listing in self._listed()]

    def listing(self, con_id: int) -> Listing:
        """The listing of a contract id, retired ones too. Raises KeyError."""
        return self._listings[con_id]

    def knows(self, con_id: int) -> bool:
        """Whether there is or was a contract of this id."""
        return con_id in self._listings

    def quote(self, con_id: int) -> Quote:
        """The present quote of a contract id. Raises KeyError."""
        return self._listings[con_id].quote

    def find(self, query: ContractQuery) -> list[Instrument]:
        """What answers the query: none, one, or several where it is ambiguous."""
        if query.con_id in self._retired:
            return []
        known = [self._listings[query.con_id]] if query.con_id in self._listings else self._listed()
        return [each.instrument for each in known if query.matches(each.instrument)]

    def named(self, symbol: str) -> list[Instrument]:
        """The instruments of a symbol, in whatever currency or listing; not the options, which have another's."""
        found = (each.instrument for each in self._listed())
        return [each for each in found if each.symbol == symbol and not each.option]

    def underlying(self, con_id: int) -> Listing | None:
        """What an option is about, under whatever id it has now; None where the market does not carry it."""
        about = self._underlyings.get(con_id)
        return None if about is None else self._listings.get(about)

    def options_on(self, con_id: int) -> list[int]:
        """The contract ids of the options on a contract."""
        return [option for option, about in self._underlyings.items() if about == con_id]

    def replace(self, con_id: int, successor: Listing) -> None:
        """Put a listing in place of another. An old contract id is retired: nobody finds it, and it has no price."""
        new_id = successor.instrument.con_id
        if new_id != con_id:
            if new_id in self._listings:
                raise ValueError(f"there is a contract {new_id} already")
            self._retired.add(con_id)
            self._listings[con_id] = replace(self._listings[con_id], quote=Quote())
            renumbered = {con_id: new_id}
            self._underlyings = {
                renumbered.get(option, option): renumbered.get(about, about)
                for option, about in self._underlyings.items()
            }
        self._listings[new_id] = successor

    def _listed(self) -> Iterator[Listing]:
        return (listing for con_id, listing in self._listings.items() if con_id not in self._retired)

    def reprice(self, con_id: int, quote: Quote) -> None:
        """Put a new quote in place of the old one."""
        self._listings[con_id] = replace(self._listings[con_id], quote=quote)

    def remargin(self, con_id: int, rates: MarginRates) -> None:
        """Change what margin asks for an instrument, by day and overnight, from now on. Raises KeyError."""
        self._listings[con_id] = replace(self._listings[con_id], margin=MarginSchedule(rates, rates))

    def enter(self, time: MarginTime) -> None:
        """Let margin be what it is at another time."""
        self.margin_time = time

    def refill(self, con_id: int, fill: FillBehaviour) -> None:
        """Change how orders in an instrument fill from now on."""
        self._listings[con_id] = replace(self._listings[con_id], fill=fill)

    def halt(self, con_id: int, reason: str) -> None:
        """Halt trading in an instrument, for one reason more."""
        listing = self._listings[con_id]
        self._listings[con_id] = replace(listing, halts=listing.halts | {reason})

    def resume(self, con_id: int, reason: str) -> None:
        """Take a reason for a halt away; trading goes on when none is left."""
        listing = self._listings[con_id]
        self._listings[con_id] = replace(listing, halts=listing.halts - {reason})


def moved(quote: Quote, prices: Mapping[str, Decimal | None], rule: MarketRule) -> Quote:
    """The quote after a move that names any of last, bid, ask, close, spread.

    A spread, or a last price without bid and ask, puts bid and ask around the last price, as wide as before.
    """
    named = {key: value for key, value in prices.items() if value is not None}
    last = named.get("last", quote.last)
    spread = named.get("spread", _spread(quote))
    bid, ask = quote.bid, quote.ask
    if last is not None and ("last" in named or "spread" in named) and spread is not None:
        bid, ask = around(last, spread, rule)
    return replace(
        quote,
        last=last,
        bid=named.get("bid", bid),
        ask=named.get("ask", ask),
        close=named.get("close", quote.close),
    )


def _spread(quote: Quote) -> Decimal | None:
    return quote.ask - quote.bid if quote.ask is not None and quote.bid is not None else None


def around(last: Decimal, spread: Decimal, rule: MarketRule) -> tuple[Decimal, Decimal]:
    """Bid and ask `spread` apart with the last price between them; an odd tick goes to the ask."""
    below = spread / 2 // rule.increment(last) * rule.increment(last)
    return last - below, last - below + spread
