"""The reckoning: at the end of a day, and of the calm day after it all, the ledger is added up."""

from collections import defaultdict
from decimal import Decimal

from reconciler.domain.orders import OrderRecord, is_ours
from reconciler.domain.plan import Plan
from reconciler.engine.recover import book_of
from tests.simulation.breaches import Breaches
from tests.simulation.commands import Ended
from tests.simulation.orders import placed
from tests.simulation.world import World


def of_a_day(world: World, breaches: Breaches) -> None:
    """Positions are what the executions make of the opening; nobody was refused for lack of margin; all is intended."""
    expected: defaultdict[int, Decimal] = defaultdict(Decimal, world.opening)
    # A correction follows what it corrects, under the same id but for the last part.
    latest = {each.exec_id.rpartition(".")[0]: (order, each) for order, each in world.gateway.book.executions()}
    for order, execution in latest.values():
        expected[order.contract.con_id] += execution.shares if order.terms.action == "BUY" else -execution.shares
    held = {con_id: position.quantity for con_id, position in world.ledger.held().items()}
    if held != {con_id: quantity for con_id, quantity in expected.items() if quantity}:
        breaches.add("positions are what the executions make", f"held {held}, expected {dict(expected)}")
    intended = {record.ref for record in _records(world)}
    for order in world.gateway.book:
        ref = order.terms.order_ref
        if is_ours(ref) and ref not in intended:
            breaches.add("no order is lost", f"{ref} is at the broker and nowhere in the journal")
    if world.gateway.clients:
        breaches.add("nothing is leaked", f"the gateway still has the clients {sorted(world.gateway.clients)}")


def of_a_refusal(world: World, breaches: Breaches, *, since: int) -> None:
    """Of the orders from a number on, none was refused for margin unless a quirk of the session refuses so."""
    for order in list(world.gateway.book)[since:]:
        refusal = order.refusal
        if is_ours(order.terms.order_ref) and refusal is not None and "MUST EXCEED" in refusal.text:
            breaches.add("no order without margin", f"{order.terms.order_ref}: {refusal.code} {refusal.text}")


def of_the_end(world: World, applied: Ended, after: Plan, breaches: Breaches) -> None:
    """After a calm day: the apply succeeded, nothing is left to do, every run is closed, and the journal is right."""
    if applied.exit_code != 0:
        breaches.add("a calm day ends in sync", f"apply ended with {applied.exit_code}: {applied.words}")
    elif after.orders or after.is_blocked:
        orders = ", ".join(f"{each.side} {each.quantity:f} {each.instrument}" for each in after.orders)
        breaches.add("a calm day ends in sync", f"the next plan has {orders or 'no orders, and is blocked'}")
    for run in world.books.unfinished_runs(world.account.name):
        breaches.add("every run closes", f"run {run.id} of {run.started} is open after a calm day")
    for record in _records(world):
        order = placed(world, record.ref)
        filled = Decimal(0) if order is None else order.filled
        if max(record.filled, record.final_count) != filled:
            evidence = f"{record.ref}: the journal has {record.filled} filled, the broker {filled}"
            breaches.add("the journal agrees with the ledger", evidence)


def _records(world: World) -> list[OrderRecord]:
    """Every order that was ever intended, as its run's reports make it."""
    journal = world.books
    books = [book_of(journal.intents(run.id), journal.reports(run.id)) for run in journal.runs(world.account.name)]
    return [record for book in books for record in book.records.values()]
