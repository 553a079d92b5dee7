"""One account, from its id to what a plan would say: every check in its order, each reading made once."""

from reconciler.domain.account import OtherBaseCurrency
from reconciler.domain.desired import AccountSpec, AccountType
from reconciler.domain.errors import BrokerError, Refused
from reconciler.domain.examination import AccountExamination, Check, Finding, failed, passed, warned
from reconciler.domain.ids import AccountId
from reconciler.domain.unknown import Unknown, Unread
from reconciler.engine.examine import gateway, identity, orders, past, plan, targets
from reconciler.engine.examine.chart import Chart
from reconciler.engine.examine.premises import Premises
from reconciler.ports import AccountReading, Broker

_BEHIND_LOGIN = (
    Check.SERVER_VERSION,
    Check.CLOCK,
    Check.BASE_CURRENCY,
    Check.ACCOUNT_TYPE,
    Check.CONTRACTS,
    Check.HOURS,
    Check.MARKET_DATA,
    Check.READ_ONLY,
    Check.TRADABLE,
    Check.LIMITS,
    Check.PLAN,
)


async def examine_account(premises: Premises, setup: tuple[Finding, ...]) -> AccountExamination:
    """All checks of an account. `setup` are the findings that all accounts share."""
    account, chart = premises.account, Chart(setup)
    chart.add(Check.ACCOUNT_ID, lambda: identity.account_id(account, premises.account_id))
    await chart.ask(Check.GATEWAY, lambda: gateway.reachable(premises))
    if chart.root(Check.LOGIN) is None and not isinstance(premises.account_id, Unknown):
        await _log_in(premises, premises.account_id, chart)
    else:
        _skip(chart, (Check.LOGIN, *_BEHIND_LOGIN))
    holder = past.holder(premises)
    chart.add(Check.RUNS, lambda: past.runs(premises, holder))
    chart.add(Check.HALTS, lambda: past.halts(premises))
    chart.add(Check.LOCK, lambda: past.lock(holder))
    return AccountExamination(account.name, account.environment, chart.findings)


def unexamined(account: AccountSpec, setup: tuple[Finding, ...]) -> AccountExamination:
    """An account that nothing can be found out about, because of what all accounts share."""
    chart = Chart(setup)
    _skip(chart, (Check.ACCOUNT_ID, Check.GATEWAY, Check.LOGIN, *_BEHIND_LOGIN, Check.RUNS, Check.HALTS, Check.LOCK))
    return AccountExamination(account.name, account.environment, chart.findings)


def _skip(chart: Chart, checks: tuple[Check, ...]) -> None:
    for check in checks:
        chart.add(check, tuple)


async def _log_in(premises: Premises, account_id: AccountId, chart: Chart) -> None:
    premises.tell("the login")
    try:
        async with premises.login(account_id) as broker:
            await _behind_login(premises, account_id, broker, chart)
    except (BrokerError, Refused) as error:
        why = gateway.refused(error)
        chart.add(Check.LOGIN, lambda: why)
        _skip(chart, _BEHIND_LOGIN)


async def _behind_login(premises: Premises, account_id: AccountId, broker: Broker, chart: Chart) -> None:
    account = premises.account
    told = await gateway.read(premises, broker)
    chart.add(Check.LOGIN, lambda: gateway.served(account, told))
    chart.add(Check.SERVER_VERSION, lambda: gateway.version(told))
    chart.add(Check.CLOCK, lambda: gateway.clock(told))
    premises.tell("the account")
    reading = await premises.asked(broker, broker.read_account)
    chart.add(Check.BASE_CURRENCY, lambda: _base_currency(account, reading))
    chart.add(Check.ACCOUNT_TYPE, lambda: _type(account, reading))
    market = await targets.read(premises, broker)
    chart.add(Check.CONTRACTS, lambda: targets.contracts(account, market))
    chart.add(Check.HOURS, lambda: targets.hours(account, market))
    chart.add(Check.MARKET_DATA, lambda: targets.market_data(account, market))
    answers = await orders.ask(premises, broker, market, reading)
    chart.add(Check.READ_ONLY, lambda: orders.read_only(answers))
    chart.add(Check.TRADABLE, lambda: orders.tradable(answers))
    if not (chart.root(Check.LIMITS) and chart.root(Check.PLAN)) and not isinstance(premises.journal, Unknown):
        premises.tell("what a plan would say")
        made = await plan.make(premises.session(account_id, broker, premises.journal))
        chart.add(Check.LIMITS, lambda: plan.limits(made))
        chart.add(Check.PLAN, lambda: plan.outlook(made))
    else:
        _skip(chart, (Check.LIMITS, Check.PLAN))


def _base_currency(account: AccountSpec, reading: AccountReading | Unknown) -> tuple[Finding, ...]:
    if isinstance(reading, OtherBaseCurrency):
        found = f"the account is kept in {reading.found}, its manifest says {reading.declared}"
        advice = f"set spec.baseCurrency of account '{account.name}' to {reading.found}"
        return (failed(Check.BASE_CURRENCY, found, advice),)
    if isinstance(reading, Unknown):
        advice = (
            "try again in some minutes: a gateway that resets tells no figures; see its window where it goes on"
            if isinstance(reading, Unread)
            else "mend what the gateway says; where another program reads another account at it (2101), end that one"
        )
        return (failed(Check.BASE_CURRENCY, f"the account's figures are not known: {reading.why}", advice),)
    return (passed(Check.BASE_CURRENCY, f"{reading.base_currency}, as its manifest says"),)


def _type(account: AccountSpec, reading: AccountReading | Unknown) -> tuple[Finding, ...]:
    found = reading if isinstance(reading, Unknown) else reading.type
    if isinstance(found, Unknown):
        advice = f"see at the broker that it is a {account.type} account, as spec.type of '{account.name}' says"
        return (warned(Check.ACCOUNT_TYPE, f"not known: {found.why}", advice),)
    if found is account.type:
        return (passed(Check.ACCOUNT_TYPE, f"a {found} account, as its manifest says"),)
    if found is AccountType.CASH:
        told = "it buys for its own cash alone, as a cash account does, and its manifest says margin"
        return (failed(Check.ACCOUNT_TYPE, told, "set spec.type to cash, and a leverage of at most 1"),)
    told = "the broker lends to it, and its manifest says cash: what settles would be waited for without need"
    return (warned(Check.ACCOUNT_TYPE, told, "set spec.type to margin, or leave it where no loan is wanted"),)
