"""An AccountLock in memory: contenders share a table, as processes share a directory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from reconciler.domain.errors import AccountLocked
from reconciler.domain.ids import AccountName
from reconciler.ports import Clock, Holder, LockFinding

LockTable = dict[AccountName, tuple[str, datetime]]
"""Who holds which account, and since when."""


class InMemoryAccountLock:
    def __init__(self, table: LockTable, *, owner: str, clock: Clock) -> None:
        self._table = table
        self._owner = owner
        self._clock = clock

    @contextmanager
    def hold(self, account: AccountName) -> Iterator[None]:
        if account in self._table:
            raise AccountLocked(account, *self._table[account])
        self._table[account] = (self._owner, self._clock.now())
        try:
            yield
        finally:
            del self._table[account]

    def look(self, account: AccountName) -> LockFinding:
        return self.unlock(account)

    def unlock(self, account: AccountName) -> LockFinding:
        if account not in self._table:
            return LockFinding(account, Holder.NOBODY)
        return LockFinding(account, Holder.ALIVE, *self._table[account])
