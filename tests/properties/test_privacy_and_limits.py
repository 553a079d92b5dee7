"""Promises 14 and 15: what never leaves the account, and what the environment can never do."""

import inspect
from dataclasses import fields

from hypothesis import given

from cli.app import app
from reconciler import planfile
from reconciler.domain.desired import AccountSpec
from reconciler.domain.limits import RiskLimits
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.unknown import Unknown
from reconciler.reports.documents import drift_document, text_of
from reconciler.reports.markdown import drift_markdown, plan_markdown
from reconciler.settings import Settings
from tests.builders import ACCOUNT_ID
from tests.strategies import World, busy_worlds

TIGHTENING = {"dry_run"}
PLACES = {"state", "gateway", "ci"}


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


def test_promise_15_no_setting_and_no_option_names_a_limit() -> None:
    """A limit can be changed in Git alone. A new setting has to be put into one of the two sets, and into a review."""
    limits = {each.name for kind in (RiskLimits, ExecutionPolicy, AccountSpec) for each in fields(kind)} - {"name"}
    settings = set(Settings.model_fields)
    options = {
        name
        for command in app.registered_commands
        if command.callback is not None
        for name in inspect.signature(command.callback).parameters
    }

    assert settings == TIGHTENING | PLACES
    assert settings & limits <= {"gateway"}, "the gateway's address, no limit"
    assert options & limits == set()
