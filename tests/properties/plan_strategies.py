"""Any plan at all: every field takes any value of its type, whether or not they fit together."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from reconciler.diagnostics import Location
from reconciler.domain.account import WorkingOrder
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import Revision
from reconciler.domain.distance import Distance
from reconciler.domain.ids import ConId, OrderRef
from reconciler.domain.limits import EmergencyAction, Override
from reconciler.domain.line import Holding, Line
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.options import GivenTarget, RunOptions
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, EmergencyPlan, Plan
from reconciler.domain.policy import OrderStyle
from reconciler.domain.sizing import Sizing
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
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
    half_spread=maybe_amounts | st.none(),
    blocked=texts | st.none(),
    notes=few(texts),
    weight=numbers | st.none(),
    multiplier=numbers,
    lot=numbers,
    moved=numbers,
    band=numbers | st.none(),
)
orders = st.builds(
    OrderIntent, instrument=texts, con_id=con_ids, quantity=numbers, reference_price=numbers, notional=amounts
)
moves = maybe_numbers | st.none()
distances = st.builds(Distance, moves, moves, moves, texts | st.none(), moves)
standings = st.builds(Standing, maybe_numbers, maybe_amounts, maybe_amounts, maybe_amounts, maybe_amounts, distances)
dollars = st.builds(Money, numbers, st.just(Currency("USD")))
maybe_dollars = dollars | unknowns
sizings = st.builds(Sizing, dollars, dollars, dollars, numbers, dollars, numbers, dollars, numbers)
balances = st.sampled_from(["USD", "CAD", "EUR"]).flatmap(
    lambda code: st.builds(
        CurrencyBalance,
        st.just(Currency(code)),
        st.builds(FxRate, st.just(code), st.sampled_from(["USD", "CAD"]), numbers, texts, moments) | unknowns,
        maybe_numbers | st.none(),
        st.builds(Money, numbers, st.just(Currency(code))) | unknowns,
        st.builds(Money, numbers, st.just(Currency(code))) | unknowns,
    )
)
costs = st.builds(Cost, maybe_dollars, maybe_dollars, maybe_dollars, maybe_dollars, maybe_dollars)
overrides = st.builds(Override, reason=texts, by=texts, expires=moments | st.none())
options = st.builds(
    RunOptions,
    leverage=numbers | st.none(),
    margin_cushion=numbers | st.none(),
    max_parallel=st.integers(0, 9) | st.none(),
    max_runtime=st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)) | st.none(),
    order_style=st.sampled_from(OrderStyle) | st.none(),
    is_forced=st.booleans(),
    targets=few(texts),
    excluded=few(texts),
    portfolio=few(st.builds(GivenTarget, texts, numbers, texts | st.none())) | st.none(),
    overrides=few(overrides),
    flatten=texts | st.none(),
)
emergencies = st.builds(EmergencyPlan, few(texts), st.sampled_from(EmergencyAction), texts | st.none())
places = st.builds(Location, texts, st.integers(0, 9), st.integers(0, 9))
working_orders = st.builds(WorkingOrder, con_id=con_ids, remaining=numbers, order_ref=texts.map(OrderRef) | st.none())
violations = st.builds(
    Violation,
    location=places | st.none(),
    instrument=texts | st.none(),
    batch=st.integers(1, 9) | st.none(),
    override=overrides | st.none(),
)
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
    undeclared=few(st.builds(Holding, con_ids, texts, numbers, maybe_amounts, texts | st.none())),
    foreign_orders=few(working_orders),
    cancellations=few(working_orders),
    sizing=sizings | st.none(),
    currencies=few(balances),
    cost=costs,
    emergency=emergencies | st.none(),
    options=options,
    batches=few(st.builds(Batch, st.integers(1, 9), st.booleans(), few(orders))),
    violations=few(violations),
    before=standings,
    after=standings,
    blocked=few(texts),
    notes=few(texts),
).map(sealed)
