"""The simulated IB gateway: a server that speaks the TWS wire protocol to any IB client library.

Its rule: an island. It imports the standard library, Pydantic, `reconciler.yamlsource` and `reconciler.diagnostics`,
and keeps money, order states and codec of its own: what it shared with the product would hide the same bug on both
sides. No threads; time comes from its clock alone; it opens no socket but in `serving`. All amounts are Decimal.

From the bottom up: `amounts`, `agenda` and `clock` (time), `tally` and `script` (what happens by itself) · `wire`
(frames and message layouts) · `market` (what can be traded, at which prices, when) · `books` (what is entered in an
account) · `margin` · `orders` (what a client asks for, and whether and at which price it can be had) · `messages` and
`client` (what is said, and to whom) · `venue` (what happens to orders) · `quirks` · `risk` (warnings and liquidation) ·
`statements` (what is told of accounts, and when) · `broker` (joins them) · `desks` (what a client may ask) · `session`
(one connection) · `scenario` and `staging` (what a gateway serves) · `actions` and `control` (looking in and moving it)
· `records` (all that was said, and saying it again) · `serving` (sockets, a network in memory, `with Gateway(…)`) ·
`pytest_plugin` (the fixture `ib_gateway`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.simgateway.serving.inprocess import Gateway

__all__ = ["Gateway"]


def __getattr__(name: str) -> object:
    """Import the gateway when it is asked for: most of this package is of use without it."""
    if name != "Gateway":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reconciler.simgateway.serving.inprocess import Gateway

    return Gateway
