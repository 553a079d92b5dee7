"""Whatever clients, prices and the clock do, every order lives by the rules; judged by a model of its own."""

from collections import Counter
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.orders.book import Order, Status
from tests.simgateway.lab import GLD, PARTS, Bench, say
from tests.simgateway.life import HOURS, kept, move, place

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE = time(9, 30), time(16)
LEGAL = {
    None: {"PreSubmitted", "Inactive", "Cancelled"},
    "PreSubmitted": {"PreSubmitted", "Submitted", "PendingCancel", "Filled", "Cancelled", "Inactive"},
    "Submitted": {"Submitted", "PendingCancel", "Filled", "Cancelled"},
    "PendingCancel": {"PendingCancel", "Filled", "Cancelled"},
    "Filled": set(),
    "Cancelled": set(),
    "Inactive": set(),
}
"""The states that a client may be told after another."""

CONTRACTS, SIDES = (GLD, PARTS), ("BUY", "SELL")
PRICES = {GLD: (340, 350, 360), PARTS: (8, 10, 12)}
contracts, sides = st.sampled_from(CONTRACTS), st.sampled_from(SIDES)
kinds = st.sampled_from(("MKT", "LMT", "STP", "MOC"))
tifs = st.sampled_from(("DAY", "GTC", "IOC", "FOK", "OPG"))
levels, sizes = st.integers(0, 2), st.integers(1, 30)
plain = st.tuples(st.just("place"), contracts, sides, sizes, kinds, levels, tifs)
actions = st.one_of(
    plain,
    st.tuples(st.just("bracket"), contracts, sides, sizes, levels, st.booleans()),
    st.tuples(st.just("group"), contracts, st.lists(st.tuples(sides, sizes, levels), min_size=2, max_size=3), levels),
    st.tuples(st.just("cancel"), st.integers(1, 40)),
    st.tuples(st.just("change"), st.integers(1, 40), sizes, levels),
    st.tuples(st.just("price"), contracts, levels),
    st.tuples(st.just("step"), st.sampled_from((600, 7200, 6 * 3600, 15 * 3600))),
)


class Lives:
    """A bench, what was asked of it, and what must hold after each action."""

    def __init__(self) -> None:
        self.bench = Bench(HOURS)
        self.session, self.wire = self.bench.client()
        self.bench.broker.refill(PARTS, FillBehaviour(delay_seconds=Decimal(5), parts=3))
        self.next_id = 1
        self.groups: list[tuple[int, list[int]]] = []
        self.largest: dict[str, int] = {}
        self.arrived: dict[int, datetime] = {}
        self.told: dict[int, str | None] = {}
        self.ends: Counter[int] = Counter()

    def do(self, action: tuple[object, ...]) -> None:
        name, *arguments = action
        getattr(self, f"_{name}")(*arguments)
        self.bench.clock.settle()
        self._hear()
        self._judge()

    def _send(self, con_id: int, side: str, size: int, kind: str, level: int, **more: object) -> int:
        order_id, self.next_id = self.next_id, self.next_id + 1
        self.arrived[order_id] = self.bench.clock.now()
        price = PRICES[con_id][level]
        place(self.session, order_id, con_id, side, size, kind, limit=price, stop=price, **more)
        return order_id

    def _place(self, con_id: int, side: str, size: int, kind: str, level: int, tif: str) -> None:
        self._send(con_id, side, size, kind, level, tif="DAY" if kind == "MOC" else tif)

    def _bracket(self, con_id: int, side: str, size: int, level: int, whole: bool) -> None:
        back = SIDES[side == "BUY"]
        parent = self._send(con_id, side, size, "LMT", level, transmit=0)
        self._send(con_id, back, size, "LMT", 2, parent=parent, transmit=0)
        self._send(con_id, back, size, "STP", 0, parent=parent, transmit=int(whole))

    def _group(self, con_id: int, members: list[tuple[str, int, int]], number: int) -> None:
        name = f"group {self.next_id}"
        sent = [
            self._send(con_id, side, size, "LMT", level, oca_group=name, oca_type=number + 1)
            for side, size, level in members
        ]
        self.groups.append((number + 1, sent))
        self.largest[name] = max(size for _, size, _ in members)

    def _cancel(self, order_id: int) -> None:
        say(self.session, 4, 1, order_id, "")

    def _change(self, order_id: int, size: int, level: int) -> None:
        order = self.bench.broker.book.get(1, order_id)
        if order is None or any(order_id in members for _, members in self.groups):
            return
        terms, price = order.terms, PRICES[order.contract.con_id][level]
        place(
            self.session,
            order_id,
            order.contract.con_id,
            terms.action,
            size,
            terms.order_type,
            limit=price,
            stop=price,
            tif=terms.tif,
            parent=terms.parent_id,
            transmit=int(terms.transmit),
        )

    def _price(self, con_id: int, level: int) -> None:
        move(self.bench, con_id, last=str(PRICES[con_id][level]))

    def _step(self, seconds: int) -> None:
        self.bench.clock.step(seconds)

    def _hear(self) -> None:
        for frame in self.wire.take():
            if frame[0] == "3":
                order_id, status = int(frame[1]), frame[2]
                assert status in LEGAL[self.told.get(order_id)], (order_id, self.told.get(order_id), status)
                self.told[order_id] = status
                self.ends[order_id] += status in ("Filled", "Cancelled", "Inactive")

    def _judge(self) -> None:
        orders = [order for order in self.bench.broker.book if order.client_id == 1]
        now = self.bench.clock.now()
        for order in orders:
            assert order.filled <= order.terms.shares
            assert sum((each.shares for each in order.executions), Decimal(0)) == order.filled
            assert all(_in_session(order, each.time) for each in order.executions)
            if order.works and order.terms.tif == "DAY" and not order.terms.parent_id:
                assert now < _close_after(self.arrived[order.order_id])
            if order.terms.parent_id and order.filled:
                assert _let_go(kept(self.bench, order.terms.parent_id))
            if order.status in (Status.FILLED, Status.CANCELLED) and order.order_id in self.told:
                assert self.ends[order.order_id] == 1
        for number, members in self.groups:
            self._judge_group(number, [kept(self.bench, each) for each in members])

    def _judge_group(self, number: int, members: list[Order]) -> None:
        assert sum(order.filled for order in members) <= self.largest[members[0].terms.oca_group]
        if number == 1 and any(order.filled for order in members):
            assert sum(1 for order in members if order.works or order.filled) <= 1
        if any(order.status is Status.FILLED for order in members):
            assert not any(order.works for order in members)


def _let_go(parent: Order) -> bool:
    """Whether children of an order may be worked: it filled, or ended filled in part."""
    return parent.status is Status.FILLED or (not parent.works and parent.filled > 0)


def _close_after(moment: datetime) -> datetime:
    day = moment.astimezone(NEW_YORK).date()
    while True:
        close = datetime.combine(day, CLOSE, NEW_YORK)
        if day.weekday() < 5 and close > moment:
            return close
        day += timedelta(days=1)


def _in_session(order: Order, moment: datetime) -> bool:
    """Whether an order may have filled at a moment: in regular hours, in its auction if it is for one."""
    local = moment.astimezone(NEW_YORK)
    clock = local.time()
    if order.terms.order_type == "MOC":
        return local.weekday() < 5 and clock == CLOSE
    if order.terms.tif == "OPG":
        return local.weekday() < 5 and clock == OPEN
    return local.weekday() < 5 and OPEN <= clock < CLOSE


@settings(max_examples=40, deadline=None)
@given(st.lists(actions, max_size=25))
def test_every_order_lives_by_the_rules(script: list[tuple[object, ...]]) -> None:
    lives = Lives()
    for action in script:
        lives.do(action)
