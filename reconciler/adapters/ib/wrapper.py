"""The object that the library's decoder calls: every callback becomes one message, and nothing is kept.

The decoder looks the callbacks up by name; those that are missing here are for requests that are never made. A callback
that cannot read its message raises, and the decoder hands that to the DecoderWatch: see `decoding.py`.
"""

from collections.abc import Callable, Sequence
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from reconciler.adapters.ib import messages, translate
from reconciler.adapters.ib.messages import Message
from reconciler.domain.ids import AccountId, OrderId, PermId

# ruff: noqa: N802, N803  (the decoder dictates the names)


class Wrapper:
    """Turns callbacks into messages. `redact` takes account numbers out of texts."""

    def __init__(self, tell: Callable[[Message], None], redact: Callable[[str], str]) -> None:
        self._tell = tell
        self._redact = redact
        self.defaultTimezone = UTC
        # Gateways before server version 174 send execution times without a zone; they are in the local one.
        self.ib = SimpleNamespace(TimezoneTWS="")

    # ------------------------------------------------------------------------------------------- connection

    def connectAck(self) -> None:
        """The version is negotiated. Being ready is told by nextValidId and managedAccounts."""

    def setEventsDone(self) -> None:
        """The socket closed, by whomever."""
        self._tell(messages.Disconnected())

    def connectionClosed(self) -> None:
        """Told by setEventsDone, which also comes where the session never got ready."""

    def nextValidId(self, orderId: int) -> None:
        """9."""
        self._tell(messages.NextOrderId(OrderId(orderId)))

    def managedAccounts(self, accounts: str) -> None:
        """15."""
        self._tell(messages.ManagedAccounts(frozenset(AccountId(name) for name in accounts.split(",") if name)))

    def error(self, reqId: int, errorCode: int, errorString: str, _advancedOrderRejectJson: str = "") -> None:
        """4."""
        self._tell(messages.ErrorMessage(reqId, errorCode, self._text(errorString)))

    def _text(self, text: str) -> str:
        return translate.plain_text(self._redact(text))

    # ------------------------------------------------------------------------------------------- account

    def updateAccountValue(self, key: str, value: str, currency: str, account: str) -> None:
        """6."""
        self._tell(messages.AccountValueRow(AccountId(account), key, value, currency))

    def updatePortfolio(
        self,
        contract: Any,
        position: float,
        marketPrice: float,
        _marketValue: float,
        averageCost: float,
        *_rest: object,
    ) -> None:
        """7: the profits are not used; the last argument is the account."""
        holding = translate.position(contract, position, averageCost, marketPrice)
        self._tell(messages.PortfolioRow(AccountId(str(_rest[-1])), holding))

    def accountDownloadEnd(self, _account: str) -> None:
        """54."""
        self._tell(messages.AccountDownloadEnd())

    def position(self, account: str, contract: Any, position: float, avgCost: float) -> None:
        """61."""
        holding = translate.position(contract, position, avgCost, None)
        self._tell(messages.PositionRow(AccountId(account), holding))

    def positionEnd(self) -> None:
        """62."""
        self._tell(messages.PositionEnd())

    # ------------------------------------------------------------------------------------------- orders

    def openOrder(self, orderId: int, contract: Any, order: Any, orderState: Any) -> None:
        """5."""
        self._tell(translate.open_order(orderId, contract, order, orderState))

    def openOrderEnd(self) -> None:
        """53."""
        self._tell(messages.OpenOrderEnd())

    def orderStatus(self, orderId: int, status: str, filled: float, remaining: float, *rest: Any) -> None:
        """3: the rest is the average price, permId, parent, last price, client id, why held, and a price cap."""
        _average, perm_id, _parent, _last, client_id, why_held, *_cap = rest
        self._tell(
            messages.OrderStatus(
                order_id=OrderId(orderId),
                client_id=client_id,
                perm_id=PermId(perm_id),
                status=status,
                filled=translate.number(filled),
                remaining=translate.number(remaining),
                why_held=why_held,
            )
        )

    def execDetails(self, reqId: int, contract: Any, execution: Any) -> None:
        """11."""
        self._tell(translate.execution(reqId, contract, execution))

    def execDetailsEnd(self, reqId: int) -> None:
        """55."""
        self._tell(messages.ExecutionEnd(reqId))

    def commissionReport(self, commissionReport: Any) -> None:
        """59."""
        report = translate.commission(commissionReport)
        if report is not None:
            self._tell(messages.Commission(report))

    def completedOrder(self, _contract: Any, order: Any, orderState: Any) -> None:
        """101."""
        self._tell(translate.completed_order(order, orderState))

    def completedOrdersEnd(self) -> None:
        """102."""
        self._tell(messages.CompletedOrderEnd())

    # ------------------------------------------------------------------------------------------- contracts and quotes

    def contractDetails(self, reqId: int, contractDetails: Any) -> None:
        """10."""
        self._tell(translate.contract_row(reqId, contractDetails))

    def bondContractDetails(self, reqId: int, contractDetails: Any) -> None:
        """18."""
        self._tell(translate.contract_row(reqId, contractDetails))

    def contractDetailsEnd(self, reqId: int) -> None:
        """52."""
        self._tell(messages.ContractEnd(reqId))

    def symbolSamples(self, reqId: int, contractDescriptions: Sequence[Any]) -> None:
        """79."""
        found = tuple(translate.listing(each.contract) for each in contractDescriptions)
        self._tell(messages.SymbolSamples(reqId, found))

    def marketRule(self, marketRuleId: int, priceIncrements: Sequence[Any]) -> None:
        """93."""
        self._tell(messages.MarketRule(marketRuleId, translate.increments(priceIncrements)))

    def priceSizeTick(self, reqId: int, tickType: int, price: float, _size: float) -> None:
        """1."""
        self._tell(messages.PriceTick(reqId, tickType, translate.price(price)))

    def tickSize(self, reqId: int, tickType: int, size: float) -> None:
        """2."""
        self._tell(messages.SizeTick(reqId, tickType, translate.number(size)))

    def tickOptionComputation(self, reqId: int, tickType: int, _attribute: int, *computed: float) -> None:
        """21: implied volatility, delta, price, dividends, gamma, vega, theta, the underlying's price."""
        _volatility, delta, *_others, underlying = computed
        self._tell(translate.option_tick(reqId, tickType, delta, underlying))

    def tickGeneric(self, reqId: int, tickType: int, value: float) -> None:
        """45."""
        self._tell(messages.GenericTick(reqId, tickType, translate.number(value)))

    def tickString(self, reqId: int, tickType: int, value: str) -> None:
        """46."""
        self._tell(messages.TextTick(reqId, tickType, value))

    def marketDataType(self, reqId: int, marketDataType: int) -> None:
        """58."""
        self._tell(messages.MarketDataType(reqId, marketDataType))

    def tickSnapshotEnd(self, reqId: int) -> None:
        """57."""
        self._tell(messages.SnapshotEnd(reqId))
