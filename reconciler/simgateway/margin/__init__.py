"""Margin: what an account's positions ask of its equity.

`holdings` values what is held · `models` turns that into requirements, one function for each model · `figures` puts
both together into the figures of an account at one moment. Pure functions; all amounts in base currency.
"""

from reconciler.simgateway.margin.figures import Figures, carry_memorandum, figures
from reconciler.simgateway.margin.models import Requirement

__all__ = ["Figures", "Requirement", "carry_memorandum", "figures"]
