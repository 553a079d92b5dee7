"""What an account update says: values, cash by currency, exchange rates and the portfolio's marks.

`AccountReady=false` says that the gateway is resetting: what comes with it is thrown away.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from reconciler.adapters.ib import messages, translate
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.messages import Message
from reconciler.domain.account import AccountValues, Position
from reconciler.domain.desired import AccountType
from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.agreement import gross_disagreement
from reconciler.ports import NO_TYPE

CASH_SEC_TYPE = "CASH"
_AGGREGATE = "BASE"
_ROUNDING = Decimal("0.0001")
"""Of the balances: they are sent to the cent, rates to a few digits."""
REFUSALS = frozenset({321, 322, 2100, 2101})
"""Not valid, not possible, no longer subscribed, another account is subscribed to."""
_MANDATORY = (
    "NetLiquidation",
    "EquityWithLoanValue",
    "InitMarginReq",
    "MaintMarginReq",
    "AvailableFunds",
    "ExcessLiquidity",
)


class AccountUpdate:
    """What one full update has said so far."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._rows: dict[tuple[str, str], str] = {}
        self._portfolio: dict[ConId, Position] = {}
        self._ended = False
        self._ended_early = False
        self._refusal = ""
        self.was_not_ready = False
        self.is_ready = True

    def take(self, message: Message) -> bool:
        """Take one message; True when the set is whole, or when it has to be asked for again."""
        self.note(message)
        turned_ready = self.was_not_ready and self.is_ready
        return turned_ready or (self.is_ready and self._ended and self._is_whole())

    def note(self, message: Message) -> None:
        """Take one message, whatever it makes of the set."""
        match message:
            case messages.AccountValueRow(account=account) if self._identity.is_ours(account):
                self._take_value(message)
            case messages.PortfolioRow(account=account, position=position) if self._identity.is_ours(account):
                self._portfolio[position.con_id] = position
            case messages.AccountDownloadEnd():
                self._ended, self._ended_early = True, bool(self._missing())
            case messages.ErrorMessage(code=code, text=text) if code in REFUSALS:
                self._refusal = f"; the gateway said: {code} {text}"

    def _is_whole(self) -> bool:
        """Whether nothing more is to be awaited. After an END that came before the values, all must add up."""
        values, base = self.values(), self.base_currency
        if isinstance(values, Unknown) or base is None:
            return False
        return not self._ended_early or self._adds_up(values, base)

    def _adds_up(self, values: AccountValues, base: Currency) -> bool:
        """Whether the balances make the aggregate of all currencies, and the holdings the gross value."""
        if isinstance(self.cash(), Unknown) or isinstance(values.gross_position_value, Unknown):
            return False
        return gross_disagreement(self.portfolio(), values, self._rates_now(base)) is None

    def _makes_the_aggregate(self, cash: Mapping[Currency, Money]) -> bool:
        """Whether these balances are all there are, by the broker's own sum of them."""
        base, aggregate = self.base_currency, translate.number(self._rows.get(("CashBalance", _AGGREGATE), ""))
        rates = {} if base is None else self._rates_now(base)
        if aggregate is None or any(currency != base and currency not in rates for currency in cash):
            return False
        parts = [money.amount * (1 if currency == base else rates[currency].rate) for currency, money in cash.items()]
        tolerance = max(_ROUNDING * sum(map(abs, parts), Decimal(0)), Decimal(1))
        return abs(sum(parts, Decimal(0)) - aggregate) <= tolerance

    def _rates_now(self, base: Currency) -> dict[Currency, FxRate]:
        """The rates where their moment does not matter."""
        return self.rates(base, datetime.min.replace(tzinfo=UTC))

    def _take_value(self, row: messages.AccountValueRow) -> None:
        if row.key == "AccountReady":
            self.is_ready = row.value.lower() != "false"
            self.was_not_ready = self.was_not_ready or not self.is_ready
        self._rows[(row.key, row.currency)] = row.value

    @property
    def is_refused(self) -> bool:
        """Whether the gateway said that it does not tell the account."""
        return bool(self._refusal)

    def why_incomplete(self) -> str | None:
        """What keeps the reading from being one, or None."""
        if not self.is_ready:
            return "the gateway says AccountReady=false: the account's figures are being reset"
        if not self._ended:
            missing = ", ".join(self._missing())
            return f"the account's figures came without their END marker, {missing or 'none'} missing{self._refusal}"
        return None

    def _missing(self) -> list[str]:
        base = self.base_currency
        return [key for key in _MANDATORY if base is None or translate.number(self._rows.get((key, base), "")) is None]

    @property
    def base_currency(self) -> Currency | None:
        """The currency that the broker counts net liquidation in."""
        currencies = [
            currency for key, currency in self._rows if key == "NetLiquidation" and currency not in ("", _AGGREGATE)
        ]
        return Currency(currencies[0]) if currencies else None

    def values(self) -> AccountValues | Unknown:
        """The figures in base currency, or which of them did not come."""
        missing, base = self._missing(), self.base_currency
        if missing or base is None:
            return Unknown(f"the broker sent no {', '.join(missing)}")
        figure = {key: Money(translate.required(self._rows[(key, base)]), base) for key in _MANDATORY}
        return AccountValues(
            net_liquidation=figure["NetLiquidation"],
            equity_with_loan=figure["EquityWithLoanValue"],
            initial_margin=figure["InitMarginReq"],
            maintenance_margin=figure["MaintMarginReq"],
            available_funds=figure["AvailableFunds"],
            excess_liquidity=figure["ExcessLiquidity"],
            look_ahead_available_funds=self._optional("LookAheadAvailableFunds", base),
            look_ahead_excess_liquidity=self._optional("LookAheadExcessLiquidity", base),
            gross_position_value=self._optional("GrossPositionValue", base),
        )

    def _optional(self, key: str, base: Currency) -> Money | Unknown:
        amount = translate.number(self._rows.get((key, base), ""))
        return Unknown(f"the broker sent no {key}") if amount is None else Money(amount, base)

    def cash(self) -> Mapping[Currency, Money] | Unknown:
        """Cash by currency. BASE is the sum of them and left out.

        Unknown after an END that came before them, as long as they do not make that sum: one may be missing.
        """
        amounts = self._balances("CashBalance", "cash balance")
        if not isinstance(amounts, Unknown) and self._ended_early and not self._makes_the_aggregate(amounts):
            return Unknown("the END came before the cash balances, and those that came do not make their sum")
        return amounts

    def rates(self, base: Currency, at: datetime) -> dict[Currency, FxRate]:
        """The rates into base currency that the broker sent."""
        rates = {currency: translate.number(text) for currency, text in self._by_currency("ExchangeRate")}
        return {
            currency: FxRate(currency, base, rate, "account updates", at)
            for currency, rate in rates.items()
            if rate is not None and rate > 0 and currency != base
        }

    def own_rate(self, base: Currency) -> Decimal | None:
        """The rate of the base currency into itself, which can only be 1; None where it was not sent."""
        return translate.number(self._rows.get(("ExchangeRate", base), ""))

    def settled(self) -> Mapping[Currency, Money] | Unknown:
        """The settled part of the cash, by currency."""
        return self._balances("SettledCash", "settled cash")

    def day_trades_left(self) -> int | Unknown | None:
        """How many day trades the broker still lets the account make; it says −1 where it counts none."""
        rows = [value for (key, _), value in self._rows.items() if key == "DayTradesRemaining"]
        count = translate.number(rows[0]) if rows else None
        if count is None:
            return Unknown("the broker sent no count of day trades")
        return int(count) if count >= 0 else None

    def type(self, base: Currency) -> AccountType | Unknown:
        """Whether the account may borrow: its buying power is then a multiple of its available funds, else no more.

        The row named AccountType says who owns the account. Without available funds there is nothing to compare.
        """
        funds, power = (translate.number(self._rows.get((key, base), "")) for key in ("AvailableFunds", "BuyingPower"))
        if funds is None or power is None or funds <= 0:
            return NO_TYPE
        return AccountType.MARGIN if power > funds * (1 + _ROUNDING) + 1 else AccountType.CASH

    def _balances(self, key: str, name: str) -> dict[Currency, Money] | Unknown:
        amounts: dict[Currency, Money] = {}
        for currency, text in self._by_currency(key):
            amount = translate.number(text)
            if amount is None:
                return Unknown(f"the broker sent no {name} in {currency}")
            amounts[currency] = Money(amount, currency)
        return amounts or Unknown(f"the broker sent no {name}")

    def _by_currency(self, key: str) -> list[tuple[Currency, str]]:
        return [
            (Currency(currency), value)
            for (row_key, currency), value in self._rows.items()
            if row_key == key and currency not in ("", _AGGREGATE)
        ]

    def portfolio(self) -> tuple[Position, ...]:
        """The holdings with their marks; CASH rows are not holdings."""
        return tuple(row for row in self._portfolio.values() if row.quantity and row.sec_type != CASH_SEC_TYPE)
