"""The watch over an account while a batch that adds risk is sent and fills: by events, from the broker's account feed.

Crossing a limit that was not crossed when the batch was opened stops what adds risk at once: nothing more is sent, what
works is cancelled and confirmed, the run ends partially applied. So do the broker's margin alert and its liquidation.
A batch that only reduces risk is not watched: stopping it would help nobody.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.events import Notice
from reconciler.domain.ids import ConId
from reconciler.domain.limits import Limit
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.engine.gate import Open
from reconciler.engine.session import Session
from reconciler.planning.bounds import crossed
from reconciler.ports import AccountNews, AccountReading, Liquidation, MarginAlert

STOPPED = "what adds risk was stopped"
AFTER_A_CROSSING = "`folioctl status` shows where the account stands, `folioctl plan` what brings it back"
AFTER_AN_ALERT = (
    "look at `folioctl status` for the distance to liquidation; what reduces it is in `folioctl plan`, and "
    "`folioctl halt --flatten` closes what is declared"
)
AFTER_A_LIQUIDATION = (
    "nothing is bought back by itself: `folioctl halt` keeps it so, `folioctl status` shows what is left, and the "
    "account's margin is to be restored, by funds or by a lower leverage, before the next `folioctl apply`"
)


class Watch:
    """What was noticed of an account. `alarm` is the broker's own, for a person: a run is not whole after one."""

    def __init__(self, session: Session, plan: Plan, opened: Open) -> None:
        self._session = session
        self._overrides = (*session.account.limits.overrides, *plan.options.overrides)
        self._snapshot = opened.outlook.snapshot
        self._known = set(self._crossed(self._snapshot))
        self._is_blind = False
        self.alarm: str | None = None

    def hear(self, news: AccountNews) -> None:
        """Judge what is told of the account."""
        match news:
            case AccountReading():
                self._judge(news)
            case MarginAlert(text=text):
                self._raise(f"the broker warns that margin is low ({text}): {STOPPED}; {AFTER_AN_ALERT}")
            case Liquidation(con_id=con_id, side=side, shares=shares):
                what = f"{side} {shares:f} {self._name(con_id)}"
                self._raise(f"the broker liquidated ({what}), for lack of margin: {STOPPED}; {AFTER_A_LIQUIDATION}")
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

    def _raise(self, alarm: str) -> None:
        self.alarm = self.alarm or alarm
        self._session.stop.ask(alarm, Outcome.PARTIALLY_APPLIED)

    def _name(self, con_id: ConId) -> str:
        positions = () if isinstance(self._snapshot.positions, Unknown) else self._snapshot.positions
        return next((each.symbol for each in positions if each.con_id == con_id), f"contract {con_id}")

    def _tell_blindness(self, why: str) -> None:
        if not self._is_blind:
            self._is_blind = True
            self._session.sink.emit(Notice(f"the account's figures cannot be watched any more: {why}"))


@asynccontextmanager
async def watching(session: Session, plan: Plan, opened: Open) -> AsyncIterator[Watch]:
    """For the length of a batch. Raises BrokerUnavailable where there is no connection to watch by."""
    watch = Watch(session, plan, opened)
    if not opened.adds_risk:
        yield watch
        return
    async with session.broker.watch_account(watch.hear):
        yield watch
