"""Reads the executions in the account since the broker's midnight: ours, others', those by hand, the broker's."""

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.account import CASH_SEC_TYPE
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Execution, Message
from reconciler.domain.history import Trade
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import correction_key, is_ours
from reconciler.domain.unknown import Unknown


class TradeReader:
    """Asks for executions by a request id of its own, so that nobody else's answer is taken for this one's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self) -> tuple[Trade, ...] | Unknown:
        """Every trade, in the order of time; a correction in place of what it corrects. Conversions are left out."""
        request_id = self._connection.request_id()
        account = self._connection.identity.account_id
        found: dict[str, Execution] = {}

        def take(message: Message) -> bool:
            if isinstance(message, Execution) and message.request_id == request_id:
                key = correction_key(message.fill.exec_id)
                if key not in found or message.fill.exec_id > found[key].fill.exec_id:
                    found[key] = message
            return isinstance(message, messages.ExecutionEnd) and message.request_id == request_id

        wanted = self._connection.library.execution_filter(acctCode=account)
        asked = requests.executions(request_id, wanted)
        problem = await self._connection.converse(
            [asked], take, parts=frozenset({messages.EXECUTION}), ids={request_id}
        )
        if problem is not None:
            return Unknown(f"today's executions did not come to their END: {problem.why}")
        ours = (each for each in found.values() if self._connection.identity.is_ours(each.account))
        trades = (_trade(each) for each in ours if each.sec_type != CASH_SEC_TYPE)
        return tuple(sorted(trades, key=lambda each: (each.time, each.con_id, each.side)))


def _trade(execution: Execution) -> Trade:
    fill, currency = execution.fill, Currency(execution.currency)
    return Trade(
        con_id=execution.con_id,
        side=execution.side,
        shares=fill.shares,
        price=fill.price,
        time=fill.time,
        value=Money(fill.shares * fill.price * execution.multiplier, currency),
        is_ours=is_ours(execution.ref),
        is_liquidation=execution.is_liquidation,
    )
