"""The watch over an account while a batch that adds risk is sent and fills: by events, from the broker's account feed.

Crossing a limit that was not crossed when the batch was opened stops what adds risk at once: nothing more is sent, what
works is cancelled and confirmed, the run ends partially applied.
A batch that only reduces risk is not watched: stopping it would help nobody.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.events import Notice
from reconciler.domain.limits import Limit
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.engine.alarms import STOPPED
from reconciler.engine.gate import Open
from reconciler.engine.session import Session
from reconciler.planning.bounds import crossed
from reconciler.ports import AccountNews, AccountReading

AFTER_A_CROSSING = "`folioctl status` shows where the account stands, `folioctl plan` what brings it back"


class Watch:
    """What is noticed of an account."""

    def __init__(self, session: Session, plan: Plan, opened: Open) -> None:
        self._session = session
        self._overrides = (*session.account.limits.overrides, *plan.options.overrides)
        self._snapshot = opened.outlook.snapshot
        self._known = set(self._crossed(self._snapshot))
        self._is_blind = False

    def hear(self, news: AccountNews) -> None:
        """Judge what is told of the account."""
        match news:
            case AccountReading():
                self._judge(news)
            case Unknown(why=why):
                self._tell_blindness(why)

    def _judge(self, reading: AccountReading) -> None:
        snapshot = replace(
            self._snapshot,
            values=reading.values,
            positions=reading.portfolio,
            cash=reading.cash,
            rates=reading.rates,
        )
        news = [why for limit, why in self._crossed(snapshot).items() if limit not in self._known]
        if news:
            why = f"{'; '.join(news)}: {STOPPED}; {AFTER_A_CROSSING}"
            self._session.stop.ask(why, Outcome.PARTIALLY_APPLIED)

    def _crossed(self, snapshot: AccountSnapshot) -> dict[Limit, str]:
        session = self._session
        now = session.clock.now()
        return dict(crossed(session.account, snapshot, overrides=self._overrides, now=now))

    def _tell_blindness(self, why: str) -> None:
        if not self._is_blind:
            self._is_blind = True
            self._session.sink.emit(Notice(f"the account's figures cannot be watched any more: {why}"))


@asynccontextmanager
async def watching(session: Session, plan: Plan, opened: Open) -> AsyncIterator[None]:
    """For the length of a batch. Raises BrokerUnavailable where there is no connection to watch by."""
    watch = Watch(session, plan, opened)
    if not opened.adds_risk:
        yield
        return
    async with session.broker.watch_account(watch.hear):
        yield
