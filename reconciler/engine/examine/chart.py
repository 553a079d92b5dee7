"""The chart of an examination: what was found so far, and which checks can still be made."""

from collections.abc import Awaitable, Callable, Iterable

from reconciler.domain.examination import NEEDS, Check, Finding, Verdict, skipped

_BROKEN = (Verdict.FAILED, Verdict.SKIPPED)


class Chart:
    """Findings in the order in which they were made. `before` are those of checks that these build on."""

    def __init__(self, before: Iterable[Finding] = ()) -> None:
        self._before = tuple(before)
        self._made: list[Finding] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, without what was known before."""
        return tuple(self._made)

    def root(self, check: Check) -> Check | None:
        """The failure because of which this check cannot be made; None where it can."""
        for needed in NEEDS.get(check, ()):
            for each in (*self._before, *self._made):
                if each.check is needed and each.verdict in _BROKEN:
                    return each.because or each.check
        return None

    def add(self, check: Check, look: Callable[[], Iterable[Finding]]) -> None:
        """Make a check, or say why it cannot be made."""
        root = self.root(check)
        self._made += look() if root is None else [skipped(check, root)]

    async def ask(self, check: Check, look: Callable[[], Awaitable[Iterable[Finding]]]) -> None:
        """The same, for a check that has to ask somebody."""
        root = self.root(check)
        self._made += await look() if root is None else [skipped(check, root)]
