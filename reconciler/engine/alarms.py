"""What a run does about the broker's alarms: a margin that runs low, and holdings that the broker liquidates itself.

Either stops what adds risk at once, for the rest of the run, and the run ends partially applied. What only reduces risk
goes on, but for one thing: an order of ours on the liquidated side of a contract is withdrawn, because both together
may sell what is held once more.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.domain.ids import ConId
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome
from reconciler.engine.course import Course
from reconciler.ports import Alarm, Liquidation, MarginAlert

STOPPED = "what adds risk was stopped"
AFTER_AN_ALERT = (
    "look at `folioctl status` for the distance to liquidation; what reduces it is in `folioctl plan`, and "
    "`folioctl halt --flatten` closes what is declared"
)
AFTER_A_LIQUIDATION = (
    "nothing is bought back by itself: `folioctl halt` keeps it so, `folioctl status` shows what is left, and the "
    "account's margin is to be restored, by funds or by a lower leverage, before the next `folioctl apply`"
)


@contextmanager
def heeding_alarms(course: Course) -> Iterator[None]:
    """For the length of a run."""
    session = course.session

    def heed(alarm: Alarm) -> None:
        course.alarm = course.alarm or _in_words(alarm, course.plan)
        if isinstance(alarm, Liquidation):
            course.desk.withdraw(alarm.con_id, alarm.side)
        if course.adds_risk:
            session.stop.ask(course.alarm, Outcome.PARTIALLY_APPLIED)

    unsubscribe = session.broker.subscribe_alarms(heed)
    try:
        yield
    finally:
        unsubscribe()


def _in_words(alarm: Alarm, plan: Plan) -> str:
    match alarm:
        case MarginAlert(text=text):
            return f"the broker warns that margin is low ({text}): {STOPPED}; {AFTER_AN_ALERT}"
        case Liquidation(con_id=con_id, side=side, shares=shares):
            what = f"{side} {shares:f} {_name(con_id, plan)}"
            return f"the broker liquidated ({what}), for lack of margin: {STOPPED}; {AFTER_A_LIQUIDATION}"


def _name(con_id: ConId, plan: Plan) -> str:
    return next((line.instrument for line in plan.lines if line.con_id == con_id), f"contract {con_id}")
