"""Promises 14 and 15: what never leaves the account, and what the environment can never do."""

import inspect
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.app import app
from reconciler import planfile
from reconciler.domain.errors import Refused
from reconciler.domain.limits import Level, Limit, RiskLimits
from reconciler.domain.options import GivenTarget, RunOptions
from reconciler.domain.policy import OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import draft
from reconciler.planning.options import with_options
from reconciler.planning.plan import finish
from reconciler.reports.documents import drift_document, text_of
from reconciler.reports.markdown import drift_markdown, plan_markdown
from reconciler.settings import Settings
from tests.builders import ACCOUNT_ID, NOW, a_revision, a_snapshot, an_account_spec, an_override, some_limits
from tests.strategies import World, busy_worlds, what_ifs

TIGHTENING = {"dry_run", "halt"}
PLACES = {"state", "snapshots", "gateway", "ci", "actor"}


@given(busy_worlds())
def test_promise_14_no_document_holds_the_account_number_and_no_markdown_a_balance(world: World) -> None:
    plan = world.plan()
    documents = [
        planfile.write(plan, tool="test"),
        text_of(drift_document(plan, tool="test")),
        plan_markdown(plan),
        drift_markdown(plan),
    ]

    assert all(ACCOUNT_ID not in each for each in documents)
    if not isinstance(plan.net_liquidation, Unknown):
        assert str(plan.net_liquidation) not in documents[2] + documents[3]


def test_promise_15_no_setting_and_no_option_names_a_limit_but_to_tighten_it() -> None:
    """A limit can be changed in Git alone. A new setting has to be put into one of the two sets, and into a review."""
    limits = {each.name for each in fields(RiskLimits)} - {"name"}
    settings = set(Settings.model_fields)
    options = {
        name
        for command in app.registered_commands
        if command.callback is not None
        for name in inspect.signature(command.callback).parameters
    }

    assert settings == TIGHTENING | PLACES
    assert settings & limits == set()
    assert options & limits == {"margin_cushion"}, "which may only grow, as the property below says"


RUN_OPTIONS = st.builds(
    RunOptions,
    leverage=st.none() | st.decimals("0.1", "5", places=2),
    margin_cushion=st.none() | st.decimals("0", "1", places=2),
    max_parallel=st.none() | st.integers(0, 9),
    max_runtime=st.none() | st.integers(1, 9999).map(lambda seconds: timedelta(seconds=seconds)),
    order_style=st.none() | st.sampled_from(OrderStyle),
    is_forced=st.booleans(),
    targets=st.just(()),
    excluded=st.just(()),
    portfolio=st.none() | st.just((GivenTarget("MSFT", Decimal("0.5"), None),)),
    overrides=st.just(()),
)


@given(RUN_OPTIONS)
def test_promise_15_options_leave_every_limit_where_it_is_or_tighten_it(options: RunOptions) -> None:
    account = an_account_spec()

    try:
        limits = with_options(account, options).limits
    except Refused:
        cushion, leverage = options.margin_cushion, options.leverage
        is_looser = cushion is not None and cushion < account.limits.margin_cushion
        assert is_looser or (leverage is not None and leverage > account.limits.max_leverage)
        return

    assert limits.margin_cushion >= account.limits.margin_cushion
    assert replace(limits, margin_cushion=account.limits.margin_cushion) == account.limits


@pytest.mark.parametrize("limit", Limit)
@pytest.mark.parametrize("level", Level)
def test_promise_15_only_a_limit_of_level_override_is_overridden_and_that_is_recorded(
    limit: Limit, level: Level
) -> None:
    account = an_account_spec(limits=some_limits(levels={limit: level}))
    options = RunOptions(overrides=(an_override(limit),))

    if level is not Level.OVERRIDE:
        with pytest.raises(Refused, match=f"{limit} cannot be overridden"):
            with_options(account, options)
        return

    made = draft(with_options(account, options), a_snapshot(), options=options, now=NOW)
    plan = finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)
    assert plan.options.overrides == options.overrides
    assert "alice" in planfile.write(plan, tool="test")
