"""The judge: what must hold whenever an order arrives, when a report is made, and when a process has ended.

It looks at the wire and at the gateway's ledger. Of our own journal it takes what was intended, never what came of it.
"""

from collections import Counter
from decimal import Decimal

from reconciler import planfile
from reconciler.domain.errors import FolioctlError, InvariantBroken
from reconciler.domain.ids import PlanId
from reconciler.domain.line import Line
from reconciler.domain.orders import OrderIntent, OrderState, is_ours
from reconciler.domain.plan import Plan
from reconciler.domain.run import LineResult, Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.recover import book_of
from reconciler.planning.fold import is_over, state_of
from reconciler.simgateway.frames import Frame
from reconciler.simgateway.orders.book import Order
from reconciler.simgateway.tally import Tally
from tests.simulation import market
from tests.simulation.breaches import Breaches
from tests.simulation.orders import Sent, WhatIfs, placed, remaining, sent
from tests.simulation.process import Process
from tests.simulation.world import World

ALIVE = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED})

UNPROVED = "the broker counts"
"""How a report begins to say that an order filled by the broker's count, and that its executions were not seen."""
PRICES_MOVE = Decimal("1.06")
"""Between a plan and its orders, while a session sees them move; and lots are whole."""


class Judge:
    """Holds the promises against the gateway."""

    def __init__(self, breaches: Breaches) -> None:
        self.breaches = breaches
        self.arrivals: Counter[str] = Counter()
        self._plans: dict[str, Plan] = {}
        self._what_ifs = WhatIfs()
        self._unpriced: set[str] = set()
        self._executions_before = 0

    # ------------------------------------------------------------------------------------------- while a session runs

    def session_begins(self, world: World) -> None:
        """What is unknown from here on, and how much had happened."""
        armed = world.gateway.quirks.all()
        self._unpriced = {each.symbol for each in armed if each.quirk.name == "no-price" and not each.nth}
        self._executions_before = sum(1 for _ in world.gateway.book.executions())

    def watch(self, world: World, frame: Frame) -> None:
        """A message is about to be acted on."""
        self._what_ifs.take(frame)
        order = sent(frame)
        if order is not None:
            self._arrives(world, order)

    def ticks(self, world: World, _tally: Tally) -> None:
        """The state of an order changed, or one filled."""
        for con_id, position in world.ledger.held().items():
            if position.quantity < 0 and not self._others_traded(world, con_id):
                self.breaches.add("a long-only account is never short", f"{position.quantity} of contract {con_id}")

    def _arrives(self, world: World, order: Sent) -> None:
        self.arrivals[order.ref] += 1
        if self.arrivals[order.ref] > 1:
            self.breaches.add("no attempt is sent twice", f"{order.ref} arrived {self.arrivals[order.ref]} times")
            return
        plan = self._plan(world, order)
        if plan is None:
            self.breaches.add("an intent is durable before its order is sent", order.ref)
            return
        self._is_known(world, order, plan)
        self._earlier_is_over(world, order, plan)
        self._overshoots(world, order, next(line for line in plan.lines if line.number == order.line))

    def _plan(self, world: World, order: Sent) -> Plan | None:
        """The plan of a run that has intended this order, from the journal."""
        run = world.books.run_of_plan(PlanId(order.plan))
        if run is None or order.ref not in {each.ref for each in world.books.intents(run.id)}:
            return None
        if order.plan not in self._plans:
            self._plans[order.plan] = planfile.read(run.plan_document)
        return self._plans[order.plan]

    def _is_known(self, world: World, order: Sent, plan: Plan) -> None:
        if order.symbol in self._unpriced & {each.symbol for each in world.gateway.quirks.all()}:
            self.breaches.add("nothing is sent at an unknown price", f"{order.ref} in {order.symbol}")
        if order.buys and not self._what_ifs.knows(order):
            self.breaches.add("no order without margin", f"{order.ref} was sent and its margin was never told")

    def _earlier_is_over(self, world: World, order: Sent, plan: Plan) -> None:
        """Orders of earlier batches are over, and no other run has an order whose fate is open."""
        number = next(each.number for each in plan.batches if order.line in {one.line for one in each.orders})
        earlier = {one.line for each in plan.batches if each.number < number for one in each.orders}
        for working in world.gateway.book.working():
            ref = working.terms.order_ref
            if ref.startswith(f"folioctl:{order.plan}:") and int(ref.split(":")[2][:-1]) in earlier:
                self.breaches.add("a batch starts when the one before is over", f"{order.ref} while {ref} works")
        for ref in self._unknown(world, order):
            self.breaches.add("nothing is sent while an order is unknown", f"{order.ref} while {ref} is")

    def _unknown(self, world: World, order: Sent) -> list[str]:
        journal = world.books
        runs = [run for run in journal.unfinished_runs(world.account.name) if run.plan != order.plan]
        books = [book_of(journal.intents(run.id), journal.reports(run.id)) for run in runs]
        records = [record for book in books for record in book.records.values()]
        return [str(each.ref) for each in records if not is_over(each) and state_of(each) not in ALIVE]

    def _overshoots(self, world: World, order: Sent, line: Line) -> None:
        """Holding, our working orders and this one together pass no target of the plan, nor sell what is not there."""
        if isinstance(line.target, Unknown) or self._others_traded(world, order.con_id):
            return
        held = world.ledger.position(order.con_id).quantity
        everything = world.gateway.book.working()
        ours = [each for each in everything if is_ours(each.terms.order_ref)]
        net = held + remaining(ours, order.con_id, "BUY") - remaining(ours, order.con_id, "SELL")
        if order.buys:
            self._is_afforded(world, order, ours)
            after = net + order.quantity
            if after > line.target:
                self.breaches.add("no order is doubled", f"{order.ref} leads to {after}, the target is {line.target}")
            return
        after = held - remaining(everything, order.con_id, "SELL") - order.quantity
        if after < 0:
            self.breaches.add("no sell of what is not held", f"{order.ref} leads to {after}")
        if net - order.quantity < line.target:
            self.breaches.add("no order is doubled", f"{order.ref} sells below the target of {line.target}")

    def _is_afforded(self, world: World, order: Sent, ours: list[Order]) -> None:
        """What is held, what our orders still buy and this one are not worth more than the leverage asked for.

        What our orders still sell counts as sold, as a plan counts it.
        """
        mark = {con_id: world.gateway.market.quote(con_id).mark for con_id, *_ in market.LISTED.values()}
        gross = sum((abs(each.quantity) * mark[con_id] for con_id, each in world.ledger.held().items()), Decimal(0))
        left = {con_id: remaining(ours, con_id, "BUY") - remaining(ours, con_id, "SELL") for con_id in mark}
        under_way = sum((left[con_id] * price for con_id, price in mark.items()), Decimal(0))
        worth = gross + world.ledger.cash["USD"]
        after = (gross + under_way + order.quantity * mark[order.con_id]) / worth
        if after > world.account.leverage * PRICES_MOVE:
            asked = world.account.leverage
            self.breaches.add("no buy beyond the leverage", f"{order.ref} leads to {after:.3f}, {asked} is asked for")

    def _others_traded(self, world: World, con_id: int) -> bool:
        """Whether somebody else traded it since the session began: the broker, or a stop of a person's."""
        executed = list(world.gateway.book.executions())[self._executions_before :]
        return any(not is_ours(order.terms.order_ref) and order.contract.con_id == con_id for order, _ in executed)

    # ------------------------------------------------------------------------------------------- what is reported

    def report(self, world: World, result: RunResult, plan: Plan) -> None:
        """A report is made now: what it says is so, by the ledger."""
        for line in result.lines:
            if line.order_ref is not None:
                self._line(world, result, line, placed(world, line.order_ref))
        enough = world.account.policy.partial_fills.min_ratio
        short = [order.instrument for order in plan.orders if _is_short_of(order.quantity * enough, order, result)]
        if result.outcome is Outcome.APPLIED and short:
            self.breaches.add("a report says what was done", f"run {result.id} is Applied and {short} are not filled")

    def _line(self, world: World, result: RunResult, line: LineResult, order: Order | None) -> None:
        said = f"run {result.id}: {line.order_ref} is {line.state} with {line.filled}"
        filled = Decimal(0) if order is None else order.filled
        works = order is not None and (order.works or order.held)
        is_open = line.state in ALIVE or line.state in (OrderState.UNKNOWN, OrderState.SUBMITTED)
        if is_open and result.outcome is not Outcome.UNRESOLVED:
            self.breaches.add("an open order leaves its run unresolved", f"{said}, the run is {result.outcome}")
        if line.detail.startswith(UNPROVED):
            return  # the report says itself that the broker counts more than its executions showed
        if not is_open and result.outcome is not Outcome.UNRESOLVED and (works or filled != line.filled):
            ledger = f"at the broker {filled} filled and it {'works' if works else 'is over'}"
            self.breaches.add("a report agrees with the ledger", f"{said}; {ledger}")

    # ------------------------------------------------------------------------------------------- after a session

    def ended(self, world: World, process: Process, error: BaseException | None) -> None:
        """A process has ended by itself, with an error or without."""
        if error is not None and (not isinstance(error, FolioctlError) or isinstance(error, InvariantBroken)):
            self.breaches.add("every run ends with a stated outcome", f"{process.name}: {error!r}")
        for leak in process.leaks():
            self.breaches.add("nothing is leaked", f"{process.name} left {leak}")
        if process.name in {owner for owner, _ in world.locks.values()}:
            self.breaches.add("nothing is leaked", f"{process.name} left the lock taken")
        self.reports_are_there(world)

    def reports_are_there(self, world: World) -> None:
        """Every run that is closed has its report, with an outcome."""
        for run in world.books.runs(world.account.name):
            if run.outcome is not None and f"run-{run.id}.json" not in world.reports:
                self.breaches.add("a report is written on every way out", f"run {run.id} has none")

    def hung(self, process: Process, seconds: float) -> None:
        """A process did not end within every bound of its policy."""
        self.breaches.add("every wait is bounded", f"{process.name} still runs after {seconds:.0f} s")


def _is_short_of(enough: Decimal, order: OrderIntent, result: RunResult) -> bool:
    """Whether an order was sent, and all attempts at it together filled less."""
    attempts = [line for line in result.lines if (line.line, line.side) == (order.line, order.side) and line.order_ref]
    return bool(attempts) and sum((line.filled for line in attempts), Decimal(0)) < enough
