"""What manifests ask for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.desired import (
    AccountSpec,
    AccountType,
    CurrencyFunding,
    DesiredState,
    Environment,
    ForeignOrders,
    GatewaySpec,
    Revision,
    SecretRef,
    SecretSource,
    UndeclaredHoldings,
    UnmanagedPositions,
)
from reconciler.domain.ids import (
    InstrumentName,
)
from reconciler.domain.limits import Emergency, EmergencyAction, RiskLimits
from reconciler.domain.money import Currency
from reconciler.domain.origin import Factor, FactorKind, Origin
from reconciler.domain.policy import (
    ExecutionPolicy,
    Hours,
    LastAttempt,
    Mode,
    OnBlocked,
    OrderStyle,
    PartialFills,
    Rebalancing,
    ShortOfFunds,
    Timeouts,
    TradeTo,
)
from reconciler.domain.portfolio import InstrumentSpec, PortfolioSpec, Target
from tests.builders.market import DIGEST, MAIN, USD, Number


def a_location(line: int = 1, file: str = "desired-state/portfolio.yaml") -> Location:
    return Location(file, line, 7)


def an_instrument(symbol: str = "MSFT", *, currency: str = "USD", **changes: Any) -> InstrumentSpec:
    return replace(InstrumentSpec(InstrumentName(symbol), symbol, "STK", "SMART", Currency(currency)), **changes)


def a_target(symbol: str = "MSFT", weight: Number = "0.5", *, line: int = 1, **changes: Any) -> Target:
    place = a_location(line)
    origin = Origin(((Factor(FactorKind.WEIGHT, Decimal(weight), place),),), 1)
    return replace(Target(an_instrument(symbol), Decimal(weight), None, place, origin=origin), **changes)


def a_portfolio(
    weights: Mapping[str, Number] | None = None, *, cash_weight: Number | None = None, **changes: Any
) -> PortfolioSpec:
    """Half MSFT and half AAPL unless `weights` says otherwise; cash takes what the weights leave."""
    chosen = {"MSFT": "0.5", "AAPL": "0.5"} if weights is None else weights
    targets = tuple(a_target(symbol, weight, line=10 + n) for n, (symbol, weight) in enumerate(chosen.items()))
    rest = 1 - sum((target.weight for target in targets), Decimal(0))
    portfolio = PortfolioSpec(
        name="core",
        targets=targets,
        cash_weight=rest if cash_weight is None else Decimal(cash_weight),
        long_only=True,
        allow_empty=False,
        declared_at=a_location(1),
    )
    return replace(portfolio, **changes)


def an_emergency(**changes: Any) -> Emergency:
    """Beyond leverage 2, or with a cushion below zero: a plain account is in none."""
    emergency = Emergency(
        leverage=Decimal(2),
        cushion=Decimal(0),
        action=EmergencyAction.DELEVERAGE,
        authorised_by=None,
        limit_offset=Decimal("0.02"),
    )
    return replace(emergency, **changes)


def some_limits(**changes: Any) -> RiskLimits:
    """Wide enough that a plain plan crosses none of them."""
    limits = RiskLimits(
        name="standard",
        max_leverage=Decimal("1.5"),
        max_leverage_step=None,
        emergency=an_emergency(),
        maintenance_margin=Decimal("0.25"),
        margin_cushion=Decimal("0.1"),
        max_margin_utilisation=Decimal(1),
        min_cushion=Decimal(0),
        max_position_weight=Decimal(1),
        max_sector_weight=None,
        max_currency_weight=None,
        max_asset_class_weight=None,
        max_currency_loan=None,
        max_undeclared=Decimal(1),
        max_turnover=Decimal(2),
        max_daily_turnover=None,
        max_orders=None,
        max_order_notional=Decimal(100_000),
        max_volume_share=None,
        max_positions_closed=None,
        max_net_liquidation_jump=None,
        max_fx_deviation=Decimal("0.02"),
        max_price_deviation=Decimal(1),
        max_cost=None,
        keep_day_trades=None,
        allow=frozenset(),
        deny=frozenset(),
        max_quote_age=timedelta(minutes=1),
        locations={
            "": a_location(1, "desired-state/limits.yaml"),
            "max_leverage": a_location(6, "desired-state/limits.yaml"),
        },
    )
    return replace(limits, **changes)


def some_timeouts(**changes: Any) -> Timeouts:
    timeouts = Timeouts(
        connect=timedelta(seconds=10),
        request=timedelta(seconds=10),
        acknowledgement=timedelta(seconds=10),
        fill=timedelta(minutes=2),
        batch=timedelta(minutes=30),
        settle=timedelta(minutes=3),
        outage=timedelta(minutes=5),
        run=timedelta(minutes=30),
    )
    return replace(timeouts, **changes)


def a_rebalancing(**changes: Any) -> Rebalancing:
    """Every drift trades."""
    rebalancing = Rebalancing(
        mode=Mode.FULL,
        absolute_band=None,
        relative_band=None,
        total_band=None,
        hard_band=None,
        trade_to=TradeTo.TARGET,
        cool_down=timedelta(0),
    )
    return replace(rebalancing, **changes)


def a_policy(**changes: Any) -> ExecutionPolicy:
    policy = ExecutionPolicy(
        name="calm",
        on_blocked=OnBlocked.STOP,
        rebalancing=a_rebalancing(),
        hours=Hours.EXIT,
        order_style=OrderStyle.MARKET,
        market_below=Decimal(10_000),
        limit_offset=Decimal("0.002"),
        minimum_notional=Decimal(100),
        minimum_conversion=Decimal(500),
        max_parallel_orders=0,
        canary=False,
        partial_fills=PartialFills(min_ratio=Decimal("0.8"), attempts=1, last_attempt=LastAttempt.REPRICE),
        max_otc_spread=Decimal("0.05"),
        price_collar=Decimal("0.02"),
        accept_delayed_quotes=False,
        plan_ttl=timedelta(minutes=15),
        margin_headroom=Decimal("0.05"),
        margin_tolerance=Decimal("0.05"),
        short_of_funds=ShortOfFunds.BLOCK,
        timeouts=some_timeouts(),
    )
    return replace(policy, **changes)


def a_gateway(**changes: Any) -> GatewaySpec:
    return replace(GatewaySpec("local", "127.0.0.1", 4002, 11, 40), **changes)


def an_account_spec(*, portfolio: PortfolioSpec | None = None, leverage: Number = 1, **changes: Any) -> AccountSpec:
    spec = AccountSpec(
        name=MAIN,
        environment=Environment.PAPER,
        account_id=SecretRef(SecretSource.ENV, "IB_ACCOUNT_ID"),
        base_currency=USD,
        leverage=Decimal(leverage),
        cash_buffer_fraction=Decimal(0),
        cash_buffer_amount=Decimal(0),
        type=AccountType.MARGIN,
        unmanaged_positions=UnmanagedPositions.REPORT,
        undeclared_holdings=UndeclaredHoldings.COUNTED,
        foreign_orders=ForeignOrders.IGNORE,
        currency_funding=CurrencyFunding.CONVERT,
        financing_rate=None,
        suspend=False,
        gateway=a_gateway(),
        portfolio=a_portfolio() if portfolio is None else portfolio,
        limits=some_limits(),
        policy=a_policy(),
        declared_at=a_location(1, "desired-state/account.yaml"),
        locations={"leverage": a_location(23, "desired-state/account.yaml")},
    )
    return replace(spec, **changes)


def a_desired_state(*accounts: AccountSpec) -> DesiredState:
    return DesiredState(accounts or (an_account_spec(),), DIGEST)


def a_revision(**changes: Any) -> Revision:
    return replace(Revision("4f0c9a7d2b1e4f0c9a7d2b1e4f0c9a7d2b1e4f0c", dirty=False, manifests=DIGEST), **changes)
