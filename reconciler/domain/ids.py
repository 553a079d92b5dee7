"""Ids, one NewType each, so that an account's alias never passes for the broker's account number."""

from typing import NewType

AccountName = NewType("AccountName", str)
"""The alias of an account: `metadata.name` of its manifest. Safe to print."""

AccountId = NewType("AccountId", str)
"""The broker's account number. Never printed, logged or written to a shared file: use the alias."""

InstrumentName = NewType("InstrumentName", str)
"""How a manifest names a target; unique within its portfolio, the symbol unless it says otherwise."""

ConId = NewType("ConId", int)
"""The broker's contract id. A corporate action can replace it."""

PlanId = NewType("PlanId", str)
"""Twelve hexadecimal digits that name one plan: its fingerprint and the moment that it was made."""

Fingerprint = NewType("Fingerprint", str)
"""`sha256:…` over a plan's intent and bounds; never over timestamps or prices."""

RunId = NewType("RunId", str)
"""One apply of one plan."""

OrderRef = NewType("OrderRef", str)
"""Our name for an order, carried by the broker through order, completed order and execution: the key of promise 3."""

OrderId = NewType("OrderId", int)
"""The client's order number: unique for one client id in one session only. It may roll back; never identity alone."""

PermId = NewType("PermId", int)
"""The broker's permanent order number; 0 until the broker has given one."""

ExecId = NewType("ExecId", str)
"""The broker's execution id. A correction keeps all but what follows its last dot."""
