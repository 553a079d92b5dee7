"""From what a scenario says about margin and prices to agreements, and to how closely the broker watches."""

from reconciler.simgateway.books.agreement import Agreement, MarginModel
from reconciler.simgateway.risk.desk import Watch
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.margin import LiquidationSpec


def agreement(account: str, scenario: Scenario) -> Agreement:
    """What an account agreed with the broker. Unless smooth, margin is a stress of the whole account."""
    spec = scenario.accounts[account]
    usual = MarginModel.REGULATION_T if scenario.smooth else MarginModel.PORTFOLIO_STRESS
    return Agreement(spec.margin.model if spec.margin else usual, spec.commissions or scenario.commissions)


def watch(scenario: Scenario) -> Watch | None:
    """How the broker watches accounts. If smooth, it does so only where the scenario speaks of liquidation."""
    if scenario.smooth and scenario.liquidation is None:
        return None
    spec = scenario.liquidation or LiquidationSpec()
    return Watch(float(spec.grace_seconds) if spec.enabled else None)
