"""Margin: what an account's positions ask of its equity.

`models` turns holdings into requirements, one function for each model · `exposure` is what their rates are taken of ·
`figures` are the values of an account at one moment · `appraisal` makes them from its books and the market · `alerts`
says how close to liquidation they are. Pure functions; all amounts in base currency.
"""

from reconciler.simgateway.margin.appraisal import Appraisal, appraise, carry_memorandum, figures
from reconciler.simgateway.margin.figures import Figures
from reconciler.simgateway.margin.models import Requirement

__all__ = ["Appraisal", "Figures", "Requirement", "appraise", "carry_memorandum", "figures"]
