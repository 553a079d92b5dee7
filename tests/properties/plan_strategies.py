"""Any plan at all: every field takes any value of its type, whether or not they fit together."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from reconciler.diagnostics import Location
from reconciler.domain.account import WorkingOrder
from reconciler.domain.desired import Revision
from reconciler.domain.distance import Distance
from reconciler.domain.ids import ConId, OrderRef
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, Holding, Line, Plan, Standing, Violation
from reconciler.domain.unknown import Unknown
from tests.builders import sealed

texts = st.text(st.characters(codec="utf-8"), max_size=8)
numbers = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**15), 10**15), st.integers(0, 20)
)
moments = st.datetimes(timezones=st.just(UTC))
unknowns = st.builds(Unknown, texts)
amounts = st.builds(Money, numbers, st.sampled_from([Currency("USD"), Currency("CAD")]))
maybe_numbers = numbers | unknowns
maybe_amounts = amounts | unknowns
con_ids = st.integers(0, 2**31).map(ConId)


def few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=2).map(tuple)


lines = st.builds(
    Line,
    number=st.integers(0, 999),
    instrument=texts,
    con_id=con_ids | st.none(),
    currency=texts,
    current=maybe_numbers,
    working=numbers,
    exact_target=maybe_numbers,
    target=maybe_numbers,
    order=numbers,
    price=maybe_numbers,
    notional=maybe_amounts,
    weight_current=maybe_numbers,
    weight_target=maybe_numbers,
    commission=maybe_amounts | st.none(),
    blocked=texts | st.none(),
    notes=few(texts),
)
orders = st.builds(
    OrderIntent, instrument=texts, con_id=con_ids, quantity=numbers, reference_price=numbers, notional=amounts
)
moves = maybe_numbers | st.none()
distances = st.builds(Distance, moves, moves, moves, texts | st.none(), moves)
standings = st.builds(Standing, maybe_numbers, maybe_amounts, maybe_amounts, maybe_amounts, maybe_amounts, distances)
places = st.builds(Location, texts, st.integers(0, 9), st.integers(0, 9))
plans = st.builds(
    Plan,
    id=texts,
    fingerprint=texts,
    account=texts,
    account_digest=texts,
    base_currency=texts,
    revision=st.builds(Revision, texts | st.none(), st.booleans(), texts),
    created=moments,
    expires=moments,
    leverage_target=numbers,
    net_liquidation=maybe_amounts,
    price_collar=numbers,
    holdings_digest=texts,
    lines=few(lines),
    undeclared=few(st.builds(Holding, con_ids, texts, numbers, maybe_amounts)),
    foreign_orders=few(
        st.builds(WorkingOrder, con_id=con_ids, remaining=numbers, order_ref=texts.map(OrderRef) | st.none())
    ),
    batches=few(st.builds(Batch, st.integers(1, 9), st.booleans(), few(orders))),
    violations=few(st.builds(Violation, location=places | st.none(), instrument=texts | st.none())),
    before=standings,
    after=standings,
    blocked=few(texts),
    notes=few(texts),
).map(sealed)
