"""From our tickets to the library's objects: contracts and orders, numbers written exactly as they are."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reconciler.adapters.ib.library import Library
from reconciler.domain.contract import Contract
from reconciler.domain.ids import AccountId
from reconciler.domain.orders import OrderTicket


def contract_of(library: Library, contract: Contract) -> Any:
    """The contract as a request names it: by id, routed to its exchange."""
    return library.contract(
        conId=contract.con_id,
        symbol=contract.symbol,
        secType=contract.sec_type,
        exchange=contract.exchange,
        currency=contract.currency,
    )


@dataclass(frozen=True)
class OrderWriter:
    """Writes orders for one account."""

    library: Library
    account_id: AccountId

    def order(self, ticket: OrderTicket) -> Any:
        """An order to be placed. The time in force is always sent: an empty one is set by the gateway's presets."""
        return self.library.order(
            action=ticket.side.value,
            # The wire is text, and the library writes a text as it is: no float comes between.
            totalQuantity=_text(ticket.quantity),
            orderType=ticket.order_type,
            tif=ticket.time_in_force,
            account=self.account_id,
            orderRef=ticket.ref,
            outsideRth=ticket.outside_hours,
            **({} if ticket.limit_price is None else {"lmtPrice": _text(ticket.limit_price)}),
            **({"algoStrategy": ticket.algo} if ticket.algo else {}),
        )

    def what_if(self, ticket: OrderTicket) -> Any:
        """The same order as a question."""
        order = self.order(ticket)
        order.whatIf = True
        return order


def _text(number: Decimal) -> str:
    return format(number, "f")
