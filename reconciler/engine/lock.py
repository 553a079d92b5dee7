"""Lock: pin what the manifests name to the broker's contracts, or check that the pins still hold.

All or nothing: where one instrument is not clear, the file stays as it is.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, did_you_mean, has_errors
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import Refused
from reconciler.domain.imported import FileChange
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.engine.lookup import look_up
from reconciler.engine.session import Session
from reconciler.manifests.lock.changes import LockChanges, rows_of
from reconciler.manifests.lock.file import LockFile
from reconciler.manifests.lock.review import Review, Standing, check, review
from reconciler.manifests.lock.writing import LockEdits
from reconciler.planning.needs import Answer, Need, by_account, needs_of

OpenSession = Callable[[AccountSpec], AbstractAsyncContextManager[Session]]
"""Opens a session that only reads, on an account."""


@dataclass(frozen=True)
class LockTask:
    """The lock file, all accounts of the manifests, and those whose instruments are looked up."""

    file: LockFile
    accounts: Sequence[AccountSpec]
    chosen: Sequence[AccountSpec]
    open: OpenSession
    write: Callable[[FileChange], None]
    """Puts a file in its place whole. Raises Refused where it was changed meanwhile, or cannot be written."""

    @property
    def asked(self) -> tuple[Need, ...]:
        """What is looked up."""
        names = {account.name for account in self.chosen}
        return tuple(need for need in needs_of(self.accounts) if names.intersection(need.accounts))

    def standing(self, upgraded: Collection[InstrumentSpec] = ()) -> Standing:
        """How the file stands to the needs of all accounts."""
        places = zip(self.file.entries, self.file.places, strict=True)
        return Standing(
            entries={each.con_id: each for each in self.file.entries},
            places={entry.con_id: place for entry, place in places},
            needs=needs_of(self.accounts),
            upgraded=frozenset(upgraded),
        )


def upgraded(task: LockTask, words: Sequence[str]) -> frozenset[InstrumentSpec]:
    """The instruments of these symbols or names. Raises Refused for a word that none of them has."""
    found: set[InstrumentSpec] = set()
    for word in words:
        meant = {need.spec for need in task.asked if word in (need.spec.symbol, need.spec.name)}
        if not meant:
            hint = did_you_mean(word, {need.spec.symbol for need in task.asked})
            raise Refused(" ".join(filter(None, (f"no line and no currency pair is called '{word}'.", hint))))
        found |= meant
    return frozenset(found)


async def lock(task: LockTask, renewed: frozenset[InstrumentSpec]) -> LockChanges:
    """Write the lock file: what is pinned stays but for the `renewed`, what is missing is added, what is unused goes.

    Raises BrokerUnavailable, BrokerRefused or Refused; the file is then as it was.
    """
    standing = task.standing(renewed)
    found = review(standing, await _answers(task, standing))
    text: str | Diagnostic = task.file.text if _is_refused(found) else task.file.edited(found.edits)
    if isinstance(text, Diagnostic):
        found, text = Review((*found.diagnostics, text)), task.file.text
    is_written = text != task.file.text
    if is_written:
        task.write(task.file.change(text))
    return _changes(task, found, is_written=is_written)


async def check_lock(task: LockTask) -> LockChanges:
    """Compare the lock file with the manifests and the broker; write nothing. Raises as `lock` does."""
    standing = task.standing()
    return _changes(task, check(standing, await _answers(task, standing)), is_check=True)


def _is_refused(found: Review) -> bool:
    return has_errors(found.diagnostics)


async def _answers(task: LockTask, standing: Standing) -> dict[InstrumentSpec, Answer]:
    accounts = {account.name: account for account in task.chosen}
    found: dict[InstrumentSpec, Answer] = {}
    for name, needs in by_account(task.asked, task.chosen).items():
        async with task.open(accounts[name]) as session:
            answers = await look_up(session, [standing.question(need) for need in needs])
        found |= {need.spec: answer for need, answer in zip(needs, answers, strict=True)}
    return found


def _changes(task: LockTask, found: Review, *, is_written: bool = False, is_check: bool = False) -> LockChanges:
    edits = found.edits if is_written else LockEdits()
    return LockChanges(
        file=task.file.path.as_posix(),
        rows=rows_of(task.file.entries, edits),
        is_written=is_written,
        is_check=is_check,
        diagnostics=found.diagnostics,
        is_unread=found.is_unread,
    )
