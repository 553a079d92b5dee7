"""What of the gateway's messages is an alarm, and what only looks like one."""

import asyncio

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.alarms import MARGIN_ALERT, Alarms
from reconciler.adapters.ib.messages import Message
from reconciler.domain.account import Side
from reconciler.ports import Alarm, Liquidation, MarginAlert
from reconciler.simgateway.serving.virtual import run_virtually
from tests.unit.adapters.ib.said import IDENTITY, OTHERS, execution


def raised(*said: Message) -> list[Alarm]:
    async def heard() -> list[Alarm]:
        alarms, found = Alarms(IDENTITY), list[Alarm]()
        alarms.subscribe(found.append)
        for message in said:
            alarms.hear(message)
        await asyncio.sleep(0)
        return found

    return run_virtually(heard())


def test_the_brokers_warning_and_its_liquidations_are() -> None:
    alert = messages.ErrorMessage(messages.NO_REQUEST, MARGIN_ALERT, "the cushion is low")
    ours = execution(request_id=messages.NO_REQUEST, is_liquidation=True)
    assert raised(alert, ours) == [
        MarginAlert("the cushion is low"),
        Liquidation(ours.con_id, Side.BUY, ours.fill.shares),
    ]


def test_what_belongs_to_a_request_to_others_or_to_us_is_not() -> None:
    of_a_request = messages.ErrorMessage(7, MARGIN_ALERT, "of a what-if")
    of_others = execution(request_id=messages.NO_REQUEST, is_liquidation=True, account=OTHERS)
    asked_for = execution(request_id=9, is_liquidation=True)
    plain = execution(request_id=messages.NO_REQUEST, is_liquidation=False)
    assert raised(of_a_request, of_others, asked_for, plain) == []
