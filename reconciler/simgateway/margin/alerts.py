"""How close an account is to liquidation: when the broker warns of it. Pure functions."""

from decimal import Decimal

from reconciler.simgateway.margin.figures import Figures

LOW_CUSHION = Decimal("0.05")
"""The broker warns when excess liquidity falls below this fraction of net liquidation."""

RECOVERED_CUSHION = Decimal("0.10")
"""It warns again only after the cushion was above this fraction."""


def is_low(current: Figures, *, before: bool) -> bool:
    """Whether the cushion is low, given whether it was `before`: what was low stays so until it recovered.

    An account that is asked for nothing has no cushion to lose.
    """
    if not current.maintenance_margin and current.net_liquidation >= 0:
        return False
    return current.cushion < (RECOVERED_CUSHION if before else LOW_CUSHION)


def lacks_memorandum(current: Figures) -> bool:
    """Whether Regulation T is enforced now and the special memorandum account is below zero."""
    return current.enforced and current.special_memorandum_account < 0


def severity(current: Figures) -> str:
    """The account value HighestSeverity: nothing, 1 for a low cushion, 2 for what is about to be liquidated.

    The broker calls it a measure of how close the account is to liquidation; the numbers are an assumption.
    """
    if current.deficiency:
        return "2"
    return "1" if is_low(current, before=False) else ""
