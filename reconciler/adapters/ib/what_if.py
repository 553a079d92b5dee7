"""Asks the broker what an order would do to margin.

The gateway may answer twice: first with every number unset, then with the real ones. The first is waited out, and a
number that never came is named: nothing here is ever zero for want of an answer.
"""

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection, NotInTime
from reconciler.adapters.ib.messages import MarginImpact, Message
from reconciler.adapters.ib.tickets import OrderWriter, contract_of
from reconciler.domain.contract import Contract, called
from reconciler.domain.ids import OrderId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderTicket, RefusalCause, WhatIf, WhatIfRefused
from reconciler.domain.unknown import Unknown, Unread

_WARNINGS = frozenset({399, 404, 481, 2102, 2109, 2137, 2148, 10311, 10329, 10345, 10347, 10349})
"""Codes that come with an order that is accepted: the answer still follows."""
_NOT_ALLOWED = frozenset({203, 426, 460, 10005, 10015})
"""The account may not trade this, or not through an API (message codes of the TWS API documentation)."""
_JUDGED = 201
_NOT_VALID = 321
_READ_ONLY = "read-only"
"""How the gateway's text of a refused request calls the setting that forbids it all orders."""


class WhatIfAnswer:
    """What the broker has said of one question so far."""

    def __init__(self, order_id: OrderId) -> None:
        self._order_id = order_id
        self._answer: messages.OpenOrder | None = None
        self._is_empty = False
        self._word = ""
        self._refusal: messages.ErrorMessage | None = None

    def take(self, message: Message) -> bool:
        """Take one message; True at the real answer, or at a refusal."""
        match message:
            case messages.OpenOrder(order_id=self._order_id, is_what_if=True, margin=margin):
                self._answer = None if margin.is_preamble else message
                self._is_empty = margin.is_preamble
                return self._answer is not None
            case messages.ErrorMessage(request_id=self._order_id, code=code, text=text):
                self._word = f"{code} {text}"
                self._refusal = None if code in _WARNINGS else message
                return self._refusal is not None
            case _:
                return False

    def result(self, contract: Contract, base: Currency) -> WhatIf | Unknown:
        """The answer, margin in base currency. One about another contract is none: the id means something else."""
        answer, symbol = self._answer, contract.symbol
        if answer is None:
            return self._none(symbol)
        said = called(answer.symbol, answer.sec_type, answer.currency)
        pinned = called(contract.symbol, contract.sec_type, contract.currency)
        if said != pinned:
            return Unknown(
                f"contract {contract.con_id} is {said} to the broker, not {pinned}: "
                "`folioctl lock --check` says what a pinned contract means now"
            )
        margin = answer.margin
        numbers = {name: Money(value, base) for name, value in margin.numbers.items() if value is not None}
        missing = [name for name in margin.numbers if name not in numbers]
        if missing:
            return Unknown(f"the broker's what-if on {symbol} has no {', '.join(missing)}")
        return WhatIf(
            initial_margin_before=numbers["initMarginBefore"],
            initial_margin_change=numbers["initMarginChange"],
            maintenance_margin_before=numbers["maintMarginBefore"],
            maintenance_margin_change=numbers["maintMarginChange"],
            equity_with_loan_after=numbers["equityWithLoanAfter"],
            commission=_commission(margin),
            warning=margin.warning,
        )

    def _none(self, symbol: str) -> Unknown:
        word = f": {self._word}" if self._word else ""
        if self._refusal is not None:
            return _refused(f"the broker did not answer a what-if on {symbol}{word}", self._refusal)
        if self._is_empty:
            return Unknown(f"the broker answered a what-if on {symbol} without a number{word}")
        return Unread(f"the broker did not answer a what-if on {symbol}{word}")


def _refused(why: str, refusal: messages.ErrorMessage) -> WhatIfRefused:
    return WhatIfRefused(why, refusal.code, refusal.text, _cause(refusal))


def _cause(refusal: messages.ErrorMessage) -> RefusalCause:
    if refusal.code == _NOT_VALID and _READ_ONLY in refusal.text.lower():
        return RefusalCause.READ_ONLY
    if refusal.code in _NOT_ALLOWED:
        return RefusalCause.PERMISSION
    return RefusalCause.REJECTED if refusal.code == _JUDGED else RefusalCause.NOT_VALID


def _commission(margin: MarginImpact) -> Money | Unknown:
    if margin.commission is None or not margin.commission_currency:
        return Unknown("the broker sent no commission with the what-if")
    return Money(margin.commission, Currency(margin.commission_currency))


async def ask(connection: Connection, ticket: OrderTicket, order_id: OrderId) -> WhatIf | Unknown:
    """The broker's answer. Raises BrokerUnavailable as a conversation does."""
    answer = WhatIfAnswer(order_id)
    contract = contract_of(connection.library, ticket.contract)
    order = OrderWriter(connection.library, connection.identity.account_id).what_if(ticket)
    problem = await connection.converse([requests.place_order(order_id, contract, order)], answer.take, ids={order_id})
    if problem is not None and not isinstance(problem, NotInTime):
        return problem
    return answer.result(ticket.contract, connection.identity.base_currency)
