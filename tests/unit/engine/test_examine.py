"""The doctor's checks over a fake broker: each verdict, and what is left of them when something cannot be read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.diagnostics import Location, error, warning
from reconciler.domain.account import QuoteType, TradingHalt
from reconciler.domain.contract import TradingSession
from reconciler.domain.desired import AccountType, Environment, SecretRef, SecretSource
from reconciler.domain.errors import BrokerUnavailable, ClientIdInUse
from reconciler.domain.examination import (
    NEEDS,
    Check,
    Finding,
    KeyringReading,
    StateReading,
    Verdict,
)
from reconciler.domain.halt import switched
from reconciler.domain.ids import AccountId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.orders import RefusalCause, WhatIfRefused
from reconciler.domain.unknown import Unknown, Unread
from reconciler.engine.examine import Premises, Setup, examine_account, examine_setup, unexamined
from reconciler.engine.examine.orders import Answer, tradable
from reconciler.engine.examine.targets import MarketReading, contracts, market_data
from reconciler.ports import Broker
from tests.builders import ACCOUNT_ID, NOW, a_contract, a_desired_state, a_quote, a_revision, an_account_spec, con_id_of
from tests.fakes.broker import FakeBroker, FakeVenue, Read
from tests.fakes.clock import START
from tests.fakes.house import House, a_venue, an_account

READING_CLIENT = 2
OPEN = (TradingSession(START - timedelta(hours=1), START + timedelta(hours=5)),)
CLOSED = (TradingSession(START + timedelta(hours=5), START + timedelta(hours=9)),)


def at_target(**changes: Any) -> House:
    """A house whose account is at its targets, with every market open."""
    house = House(venue=a_venue({"MSFT": 144, "AAPL": 240}, cash=-20_000, **changes), account=an_account())
    keep_hours(house.venue, OPEN)
    return house


def keep_hours(venue: FakeVenue, hours: tuple[TradingSession, ...], *symbols: str) -> None:
    for con_id, contract in venue.contracts.items():
        if not symbols or contract.symbol in symbols:
            venue.contracts[con_id] = replace(contract, liquid_hours=hours)


def premises(house: House, **changes: Any) -> Premises:
    refusal, house.venue.refusal = house.venue.refusal, None
    session = asyncio.run(house.session(READING_CLIENT))
    house.venue.sessions.clear()
    house.venue.refusal = refusal

    @asynccontextmanager
    async def login(account_id: AccountId) -> AsyncIterator[Broker]:
        broker = FakeBroker(house.venue, client_id=READING_CLIENT, base_currency=house.account.base_currency)
        await broker.connect()
        yield broker
        await broker.close()

    async def dial() -> str | None:
        return None

    made = Premises(
        account=house.account,
        account_id=ACCOUNT_ID,
        dial=dial,
        login=login,
        session=lambda _id, broker, journal: replace(session, broker=broker, journal=journal),
        journal=house.journal,
        lock=house.lock,
        switch=(),
        clock=house.venue.clock,
        retry=session.retry,
        sink=house.sink,
    )
    return replace(made, **changes)


def examined(house: House, **changes: Any) -> dict[Check, list[Finding]]:
    found: dict[Check, list[Finding]] = {}
    for each in asyncio.run(examine_account(premises(house, **changes), ())).findings:
        found.setdefault(each.check, []).append(each)
    assert house.venue.received == [], "nothing is ever sent"
    return found


def verdicts(findings: dict[Check, list[Finding]]) -> dict[Check, set[Verdict]]:
    return {check: {each.verdict for each in made} for check, made in findings.items()}


def only(findings: dict[Check, list[Finding]], verdict: Verdict) -> set[Check]:
    return {check for check, made in verdicts(findings).items() if verdict in made}


def test_an_account_that_is_fit_passes_everything() -> None:
    found = examined(at_target())
    assert only(found, Verdict.PASSED) == set(found)
    assert "at its targets" in found[Check.PLAN][0].found


def test_every_check_that_is_built_on_exists_and_comes_before() -> None:
    order = list(Check)
    assert all(order.index(needed) < order.index(check) for check, needs in NEEDS.items() for needed in needs)


@pytest.mark.parametrize(
    ("ahead", "verdict", "words"),
    [
        (timedelta(seconds=1), Verdict.PASSED, "agree"),
        (timedelta(seconds=-9), Verdict.WARNING, "9 s behind"),
        (timedelta(seconds=29), Verdict.WARNING, "29 s ahead"),
        (timedelta(seconds=31), Verdict.FAILED, "31 s ahead"),
        (timedelta(hours=-5), Verdict.FAILED, "5 h behind"),
        (None, Verdict.WARNING, "not known"),
    ],
)
def test_clocks(ahead: timedelta | None, verdict: Verdict, words: str) -> None:
    (found,) = examined(at_target(ahead=ahead))[Check.CLOCK]
    assert found.verdict is verdict
    assert words in found.found


@pytest.mark.parametrize(
    ("told", "declared", "verdict"),
    [
        (AccountType.MARGIN, AccountType.MARGIN, Verdict.PASSED),
        (AccountType.CASH, AccountType.MARGIN, Verdict.FAILED),
        (AccountType.MARGIN, AccountType.CASH, Verdict.WARNING),
        (Unknown("no figures"), AccountType.MARGIN, Verdict.WARNING),
    ],
)
def test_types_of_account(told: AccountType | Unknown, declared: AccountType, verdict: Verdict) -> None:
    house = at_target(account_type=told)
    house.account = replace(house.account, type=declared)
    assert verdicts(examined(house))[Check.ACCOUNT_TYPE] == {verdict}


def test_what_was_not_read_is_never_a_pass() -> None:
    house = at_target()
    house.venue.unknown = dict.fromkeys(Read, "the END did not come")
    found = examined(house)
    assert only(found, Verdict.FAILED) == {Check.BASE_CURRENCY, Check.READ_ONLY}
    assert only(found, Verdict.SKIPPED) == {Check.ACCOUNT_TYPE, Check.TRADABLE, Check.LIMITS, Check.PLAN}


def test_advice_is_about_what_was_said() -> None:
    house = at_target()
    house.venue.unknown = {
        Read.ACCOUNT: Unknown("the gateway said: 2101 Unable to subscribe"),
        Read.WHAT_IF: Unknown("the broker answered a what-if on it without a number"),
    }
    found = examined(house)
    assert "(2101)" in found[Check.BASE_CURRENCY][0].advice
    assert verdicts(found)[Check.READ_ONLY] == {Verdict.PASSED}, "it was answered"

    house.venue.unknown = {Read.ACCOUNT: "the END did not come"}
    assert "a gateway that resets" in examined(house)[Check.BASE_CURRENCY][0].advice


def test_one_what_if_that_is_not_answered_is_asked_again() -> None:
    silent = Answer(InstrumentName("MSFT"), Unread("the broker did not answer a what-if on MSFT"))
    (found,) = tradable((silent,))
    assert (found.verdict, found.advice[:10]) == (Verdict.FAILED, "look again")
    assert "gateway's window" in found.advice


def test_a_contract_that_did_not_come_is_no_wrong_symbol() -> None:
    account = an_account_spec()
    names = [target.instrument.name for target in account.portfolio.targets]
    ended = MarketReading(NOW, dict.fromkeys(names, Unknown("the broker knows no contract")), {})
    assert all("correct symbol" in each.advice for each in contracts(account, ended))

    cut_short = MarketReading(NOW, dict.fromkeys(names, Unread("the contract did not come to its END")), {})
    assert all(each.advice.startswith("look again") for each in contracts(account, cut_short))


def test_positions_that_were_not_read_leave_no_plan() -> None:
    house = at_target()
    house.venue.unknown = {Read.POSITIONS: "the END did not come"}
    found = examined(house)
    assert "blocked" in found[Check.PLAN][0].found
    assert Verdict.PASSED not in verdicts(found)[Check.LIMITS]


def test_another_base_currency_is_told_by_name() -> None:
    house = at_target()
    house.account = replace(house.account, base_currency=Currency("CAD"))
    (found,) = examined(house)[Check.BASE_CURRENCY]
    assert (found.verdict, "USD" in found.found) == (Verdict.FAILED, True)


def test_a_closed_market_is_told_with_its_opening_and_excuses_its_prices() -> None:
    house = at_target(quote_types={"MSFT": QuoteType.FROZEN})
    keep_hours(house.venue, CLOSED, "MSFT")
    keep_hours(house.venue, (), "AAPL")
    found = examined(house)
    closed, unknown = found[Check.HOURS]
    assert (closed.targets, "2026-03-02 20:00" in closed.found) == (("MSFT",), True)
    assert (unknown.targets, unknown.verdict) == (("AAPL",), Verdict.WARNING)
    assert only(found, Verdict.FAILED) == set()
    assert {each.verdict: each.targets for each in found[Check.MARKET_DATA]} == {
        Verdict.WARNING: ("MSFT",),
        Verdict.PASSED: ("AAPL",),
    }


def test_what_is_halted_or_delayed_prices_nothing() -> None:
    house = at_target(quote_types={"MSFT": QuoteType.DELAYED}, halts={"AAPL": TradingHalt.GENERAL})
    found = examined(house)[Check.MARKET_DATA]
    assert {each.targets: each.verdict for each in found} == {
        ("MSFT",): Verdict.FAILED,
        ("AAPL",): Verdict.FAILED,
    }


def test_where_no_price_comes_another_session_may_have_it() -> None:
    contracts = {InstrumentName(symbol): a_contract(symbol) for symbol in ("MSFT", "AAPL")}
    delayed = a_quote("AAPL", type=QuoteType.DELAYED)
    market = MarketReading(NOW, contracts, {con_id_of("MSFT"): Unknown("10197"), con_id_of("AAPL"): delayed})
    advice = {each.targets: each.advice for each in market_data(an_account_spec(), market)}
    assert "another session" in advice[InstrumentName("MSFT"),]
    assert "another session" not in advice[InstrumentName("AAPL"),]


def test_a_refusal_for_want_of_funds_is_no_fault_of_the_set_up() -> None:
    rejected = WhatIfRefused("no", 201, "Order rejected", RefusalCause.REJECTED)
    house = at_target(refused_what_ifs={"MSFT": rejected}, margin_rate=Decimal("0.9"))
    (good, poor) = examined(house)[Check.TRADABLE]
    assert (good.targets, poor.targets) == (("AAPL",), ("MSFT",))
    assert (poor.verdict, "201 Order rejected" in poor.found) == (Verdict.WARNING, True)

    house = at_target(refused_what_ifs={"MSFT": replace(rejected, code=460, cause=RefusalCause.PERMISSION)})
    assert verdicts(examined(house))[Check.TRADABLE] == {Verdict.PASSED, Verdict.FAILED}


def test_limits_that_cannot_be_checked_for_one_cause_are_told_together() -> None:
    odd = WhatIfRefused("nobody knows", 110, "the price", RefusalCause.NOT_VALID)
    house = House(venue=a_venue(refused_what_ifs={"MSFT": odd}), account=an_account())
    keep_hours(house.venue, OPEN)
    (told,) = examined(house)[Check.PLAN]
    assert told.verdict is Verdict.FAILED
    assert "none of them can be checked" in told.found


def test_what_is_said_of_many_is_said_once() -> None:
    refused = WhatIfRefused("no", 460, "No trading permissions.", RefusalCause.PERMISSION)
    (found,) = examined(at_target(refused_what_ifs={"MSFT": refused, "AAPL": refused}))[Check.TRADABLE]
    assert found.targets == ("MSFT", "AAPL")


def test_a_line_to_close_is_asked_about_as_a_sell_and_one_that_is_closed_not_at_all() -> None:
    house = at_target()
    house.account = an_account({"MSFT": "1", "AAPL": "0", "NVDA": "0"})
    taken, closed = examined(house)[Check.TRADABLE]
    assert (taken.targets, taken.verdict) == (("MSFT", "AAPL"), Verdict.PASSED)
    assert (closed.targets, "weight is 0" in closed.found) == (("NVDA",), True)


@pytest.mark.parametrize("failure", [BrokerUnavailable("it hung up"), ClientIdInUse("client id 2 is in use")])
def test_a_login_that_fails_skips_what_is_behind_it(failure: Exception) -> None:
    found = examined(at_target(refusal=failure))
    assert only(found, Verdict.FAILED) == {Check.LOGIN}
    assert all(each.because is Check.LOGIN for made in found.values() for each in made if each.because)
    assert only(found, Verdict.PASSED) == {Check.ACCOUNT_ID, Check.GATEWAY, Check.RUNS, Check.HALTS, Check.LOCK}


@pytest.mark.parametrize(
    ("account_id", "environment", "verdict"),
    [
        ("DU1234567", Environment.PAPER, Verdict.PASSED),
        ("DF12345", Environment.PAPER, Verdict.PASSED),
        ("U1234567", Environment.LIVE, Verdict.PASSED),
        ("F1234567", Environment.LIVE, Verdict.PASSED),
        ("U1234567", Environment.PAPER, Verdict.FAILED),
        ("DU1234567", Environment.LIVE, Verdict.FAILED),
        ("DU1234567\n", Environment.PAPER, Verdict.FAILED),
        ("1234567", Environment.PAPER, Verdict.FAILED),
    ],
)
def test_forms_of_ids(account_id: str, environment: Environment, verdict: Verdict) -> None:
    house = at_target(refusal=BrokerUnavailable("not asked"))
    house.account = replace(house.account, environment=environment)
    (found,) = examined(house, account_id=AccountId(account_id))[Check.ACCOUNT_ID]
    assert found.verdict is verdict
    assert account_id not in found.found + found.advice


def test_halts_and_a_suspended_account_are_told() -> None:
    house = at_target()
    house.account = replace(house.account, suspend=True)
    found = examined(house, switch=(switched("quarter end"),))[Check.HALTS]
    assert [each.verdict for each in found] == [Verdict.WARNING, Verdict.WARNING]
    assert "unset FOLIOCTL_HALT" in found[0].advice


def test_without_a_journal_the_broker_is_examined_all_the_same() -> None:
    found = examined(at_target(), journal=Unknown("it is damaged"))
    # The setup's own finding is what skips the rest; here nobody made it, so that each says so itself.
    assert only(found, Verdict.PASSED) >= {Check.TRADABLE, Check.MARKET_DATA}
    assert Verdict.PASSED not in verdicts(found)[Check.RUNS] | verdicts(found)[Check.HALTS]


# -------------------------------------------------------------------------------------------------------------- set-up


def setup(**changes: Any) -> dict[Check, list[Finding]]:
    desired = a_desired_state()
    made = Setup(
        directory="desired-state",
        desired=desired,
        revision=a_revision(),
        manifests=(),
        settings=(),
        settings_words=(),
        state=StateReading("state", None, None, 10**9),
        keyring=KeyringReading(None, "there is none"),
        journal=House(venue=a_venue()).journal,
        accounts=desired.accounts,
    )
    found: dict[Check, list[Finding]] = {}
    for each in examine_setup(replace(made, **changes)):
        found.setdefault(each.check, []).append(each)
    return found


def test_a_set_up_that_is_fit_passes() -> None:
    assert only(setup(), Verdict.PASSED) == {Check(name) for name in list(Check)[:5]}


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (StateReading("s", None, None, 10**8), Verdict.WARNING),
        (StateReading("s", None, None, 10**6), Verdict.FAILED),
        (StateReading("s", None, None, None), Verdict.WARNING),
        (StateReading("s", "read-only file system", None, None), Verdict.FAILED),
        (StateReading("s", None, "clone", 10**9), Verdict.FAILED),
    ],
)
def test_state_directories(state: StateReading, verdict: Verdict) -> None:
    assert verdicts(setup(state=state))[Check.STATE] == {verdict}


def test_a_keyring_fails_only_where_it_is_needed() -> None:
    (account,) = a_desired_state().accounts
    needing = (replace(account, account_id=SecretRef(SecretSource.KEYRING, "main")),)
    assert verdicts(setup(accounts=needing))[Check.KEYRING] == {Verdict.FAILED}
    there = KeyringReading("SecretService Keyring")
    assert verdicts(setup(accounts=needing, keyring=there))[Check.KEYRING] == {Verdict.PASSED}


def test_a_keyring_that_is_locked_is_none_to_a_manifest_that_needs_it_and_a_warning_to_others() -> None:
    (account,) = a_desired_state().accounts
    needing = (replace(account, account_id=SecretRef(SecretSource.KEYRING, "main")),)
    locked = KeyringReading("SecretService Keyring", fault="the collection is locked")
    assert verdicts(setup(accounts=needing, keyring=locked))[Check.KEYRING] == {Verdict.FAILED}
    assert verdicts(setup(keyring=locked))[Check.KEYRING] == {Verdict.WARNING}


def test_doubts_are_warnings_and_mistakes_are_failures() -> None:
    doubt = warning("SET005", "there is no setting 'FOLIOCTL_HALTT'", suggestion="Did you mean 'FOLIOCTL_HALT'?")
    found = setup(settings=(doubt,), manifests=(warning("MAN016", "unused", Location("limits.yaml", 1, 1)),))
    assert "FOLIOCTL_HALT'?" in found[Check.SETTINGS][0].found
    assert only(found, Verdict.WARNING) == {Check.MANIFESTS, Check.SETTINGS}

    found = setup(settings=(error("SET001", "DRY_RUN must be true or false"),), state=None, journal=Unknown("no"))
    assert only(found, Verdict.FAILED) == {Check.SETTINGS}
    assert only(found, Verdict.SKIPPED) == {Check.STATE, Check.JOURNAL}


def test_an_account_behind_a_broken_set_up_is_skipped_whole() -> None:
    found = [each for made in setup(settings=(error("SET001", "x"),), state=None).values() for each in made]
    (account,) = a_desired_state().accounts
    made = unexamined(account, tuple(found))
    assert {each.verdict for each in made.findings} == {Verdict.SKIPPED}
    assert {each.because for each in made.findings} == {Check.SETTINGS}
