"""What the broker can still tell of the orders of the day, this session's and an earlier one's."""

from reconciler.domain.orders import CommissionReport
from reconciler.domain.unknown import Unknown
from tests.contract.broker.acts import REF, Inbox, Play, contract, evidence_of, executions, place, statuses
from tests.contract.broker_worlds import World, ticket
from tests.fakes.broker import Reaction


def test_evidence_names_every_order_of_the_day_and_comes_last(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        inbox = Inbox(broker)
        filled = ticket(await contract(broker), REF)
        await place(broker, filled)
        await inbox.until(lambda seen: "Filled" in statuses(seen))
        world.reacts("GLD", Reaction.REST)
        resting = ticket(await contract(broker, "GLD"), "folioctl:0123456789ab:002:1", limit="300")
        await place(broker, resting)
        reports = await broker.read_order_evidence()
        evidence = evidence_of(reports)
        assert evidence.traces == {filled.ref, resting.ref}
        assert evidence.session_since is not None
        assert evidence.session_since < evidence.read_at
        assert not isinstance(reports, Unknown)
        (execution,) = executions(reports)
        assert [each.exec_id for each in reports if isinstance(each, CommissionReport)] == [execution.fill.exec_id]
        await broker.close()

    play(case)


def test_evidence_under_another_client_id_names_no_session_after_which_nothing_can_come(play: Play) -> None:
    async def case(world: World) -> None:
        reader = await world.connected(client_id=2)
        assert evidence_of(await reader.read_order_evidence()).session_since is None
        await reader.close()

    play(case)


def test_another_session_finds_the_fills_of_the_one_before_it(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected()
        inbox = Inbox(first)
        await place(first, ticket(await contract(first), REF))
        await inbox.until(lambda seen: "Filled" in statuses(seen))
        (live,) = executions(inbox.reports)
        await first.close()
        second = await world.connected()
        reports = await second.read_order_evidence()
        assert not isinstance(reports, Unknown)
        assert executions(reports) == [live]
        assert REF in evidence_of(reports).traces
        await second.close()

    play(case)


def test_a_working_order_of_an_earlier_session_can_be_cancelled_once_it_was_read(play: Play) -> None:
    async def case(world: World) -> None:
        world.reacts("MSFT", Reaction.REST)
        first = await world.connected()
        inbox = Inbox(first)
        await place(first, ticket(await contract(first), REF, limit="499"))
        await inbox.until(lambda seen: bool(statuses(seen)))
        await first.close()
        second = await world.connected()
        inbox = Inbox(second)
        await second.read_order_evidence()
        await second.cancel(REF)
        await inbox.until(lambda seen: "Cancelled" in statuses(seen))
        await second.close()

    play(case)
