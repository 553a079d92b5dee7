"""Manifests as text: whole ones for who begins, and changes of those that are there, with their comments kept.

Nothing here touches a disk or a broker: text comes in and goes out. What is written is a manifest like any other, and
whoever writes it loads it first.
"""

from reconciler.manifests.writing.portfolio import WrittenLine, can_be_symbol, portfolio_text
from reconciler.manifests.writing.setup import PORTFOLIO, AccountSetup, Setup, written

__all__ = ["PORTFOLIO", "AccountSetup", "Setup", "WrittenLine", "can_be_symbol", "portfolio_text", "written"]
