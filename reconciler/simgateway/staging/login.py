"""From what a scenario says about its login."""

from reconciler.simgateway.login import Advisor, Group, Login
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.accounts import AccountSpec


def login(scenario: Scenario) -> Login:
    """The login of a gateway."""
    advisor = _advisor(scenario)
    accounts = ([advisor.account] if advisor else []) + list(scenario.accounts)
    return Login(tuple(accounts), scenario.master_client_id, advisor)


def _advisor(scenario: Scenario) -> Advisor | None:
    spec = scenario.advisor
    if spec is None:
        return None
    account = spec.account_beside(scenario.accounts)
    return Advisor(account, {name: Group(group.accounts, group.method) for name, group in spec.groups.items()})


def with_advisors_account(scenario: Scenario) -> Scenario:
    """The scenario with an account of the advisor's own, which holds nothing; it comes first."""
    advisor = _advisor(scenario)
    if advisor is None:
        return scenario
    first = next(iter(scenario.accounts.values()))
    empty = AccountSpec(base_currency=first.base_currency, exchange_rates=first.exchange_rates)
    return scenario.model_copy(update={"accounts": {advisor.account: empty, **scenario.accounts}})
