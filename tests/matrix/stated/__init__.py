"""How every cell of the matrix is to end: one file for each group of the gateway's catalogue."""

from collections.abc import Mapping

from tests.matrix.stated.account import ACCOUNT
from tests.matrix.stated.connection import CONNECTION
from tests.matrix.stated.data import DATA
from tests.matrix.stated.orders import ORDERS
from tests.matrix.stated.reports import REPORTS
from tests.matrix.stated.row import Row

STATED: Mapping[str, tuple[Row, ...]] = {
    "orders": ORDERS,
    "reports": REPORTS,
    "connection": CONNECTION,
    "account": ACCOUNT,
    "data": DATA,
}
"""The rows by group, in the order in which the page shows them."""
