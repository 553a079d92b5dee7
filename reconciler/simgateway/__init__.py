"""The simulated IB gateway: a server that speaks the TWS wire protocol to any IB client library.

Its rule: an island. It imports the standard library, Pydantic, `reconciler.yamlsource` and `reconciler.diagnostics`,
and keeps money, order states and codec of its own: what it shared with the product would hide the same bug on both
sides. No threads; time comes from its clock alone; it opens no socket but in `server`. All amounts are Decimal.

From the bottom up: `agenda` and `clock` (time) · `wire` (frames and message layouts) · values and books (`amounts`,
`hours`, `calendars`, `instruments`, `market`, `agreement`, `ledger`, `margin`, `commissions`, `orders`) · `credit`
(what an order may ask of an account) · `venue` (what happens to orders) · `risk` (who lacks margin) · `broker` (joins
them and tells the clients) · `desks` (what a client may ask) · `session` (one connection) · `scenario` and `staging`
(what a gateway serves) · `control` (looking in and moving it) · `recording` and `replay` (all that was said, and saying
it again) · `backlog` and `server` (sockets) · `memory` and `virtual` (a network in memory, a loop on virtual time) ·
`inprocess` and `pytest_plugin` (`with Gateway(…)` and the fixture `ib_gateway`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.simgateway.inprocess import Gateway

__all__ = ["Gateway"]


def __getattr__(name: str) -> object:
    """Import the gateway when it is asked for: most of this package is of use without it."""
    if name != "Gateway":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reconciler.simgateway.inprocess import Gateway

    return Gateway
