"""Which contract, holding and orders belong to which line, where two lines claim the same."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Position
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency, FxRate
from reconciler.domain.unknown import Unknown
from reconciler.planning.resolve import TargetPortfolio, resolve
from tests.builders import (
    NOW,
    a_contract,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_target,
    an_account_spec,
    an_instrument,
    con_id_of,
    money,
)

NVDA = con_id_of("NVDA")


def resolved(orcl: ConId | None) -> TargetPortfolio:
    """40 NVDA are held. ORCL resolves to this contract; None: to none, and its manifest pins NVDA's."""
    portfolio = a_portfolio({"NVDA": "0.5", "ORCL": "0.5"})
    account = an_account_spec(portfolio=portfolio)
    contracts = [a_contract("NVDA"), replace(a_contract("ORCL"), con_id=orcl or ConId(1))]
    snapshot = a_snapshot([a_position("NVDA", 40, 100)], contracts=contracts, quotes=[a_quote("NVDA", 100)])
    if orcl is None:
        pinned = [
            replace(each, instrument=replace(each.instrument, con_id=NVDA)) if each.instrument.name == "ORCL" else each
            for each in portfolio.targets
        ]
        account = replace(account, portfolio=replace(portfolio, targets=tuple(pinned)))
        unknown = {name: Unknown("not that") if name == "ORCL" else each for name, each in snapshot.contracts.items()}
        snapshot = replace(snapshot, contracts=unknown)
    return resolve(account, snapshot, now=NOW)


def test_each_line_has_its_own_contract() -> None:
    nvda, orcl = resolved(con_id_of("ORCL")).lines

    assert (nvda.held, nvda.blocked, orcl.held) == (Decimal(40), None, Decimal(0))


def test_two_lines_of_one_contract_are_blocked_and_its_holding_counts_once() -> None:
    nvda, orcl = resolved(NVDA).lines

    assert (nvda.held, orcl.held) == (Decimal(40), Decimal(0))
    assert nvda.blocked == "it means the same contract as ORCL: pin each to its own with conId"
    assert orcl.blocked == "it means the same contract as NVDA: pin each to its own with conId"


def test_a_wrong_pin_that_the_broker_refused_counts_nothing_twice_either() -> None:
    nvda, orcl = resolved(None).lines

    assert (nvda.held, orcl.held, orcl.blocked) == (Decimal(40), Decimal(0), "not that")


def pinned(held: Position, contract_id: int) -> TargetPortfolio:
    """NVDA is pinned to a contract of this id; what is held is another matter."""
    pin = replace(a_contract("NVDA"), con_id=ConId(contract_id))
    account = an_account_spec(portfolio=a_portfolio({"NVDA": "1"}), pinned={InstrumentName("NVDA"): pin})
    quotes = [replace(a_quote("NVDA", 100), con_id=pin.con_id)]
    return resolve(account, a_snapshot([held], contracts=[pin], quotes=quotes), now=NOW)


def test_a_pin_that_holds_trades() -> None:
    (line,) = pinned(a_position("NVDA", 40, 100, con_id=ConId(5)), 5).lines

    assert (line.held, line.blocked) == (Decimal(40), None)


def test_a_pinned_contract_that_is_held_by_another_name_is_blocked() -> None:
    (line,) = pinned(a_position("NVDX", 40, 100, con_id=ConId(5)), 5).lines

    assert line.held == Decimal(40)
    assert line.blocked is not None
    assert "contract 5 is pinned as NVDA in USD, and held as NVDX in USD" in line.blocked


def test_a_pinned_line_that_is_held_under_another_contract_is_blocked_whether_or_not_it_has_a_price() -> None:
    (line,) = pinned(a_position("NVDA", 40, 100, con_id=ConId(6)), 5).lines

    assert line.blocked is not None
    assert "40 are held under contract 6, but the line is pinned to 5" in line.blocked
    assert "`folioctl lock --upgrade NVDA`" in line.blocked
    assert "`moved: [{fromConId: 6, to: NVDA}]`" in line.blocked


def test_a_contract_that_is_not_what_the_line_says_is_none() -> None:
    line, contract = a_target("SAP", "1", instrument=an_instrument("SAP", currency="EUR")), a_contract("SAP")
    account = an_account_spec(portfolio=a_portfolio({}, targets=(line,), cash_weight=0))
    rate = FxRate(Currency("EUR"), Currency("USD"), Decimal("1.16"), "account updates", NOW)
    snapshot = a_snapshot([], contracts=[contract], rates={Currency("EUR"): rate})

    (resolved,) = resolve(account, snapshot, now=NOW).lines

    assert resolved.blocked == f"contract {contract.con_id} is SAP STK in USD, and the line says SAP STK in EUR"


def called_as_a_pair(**changes: Any) -> TargetPortfolio:
    """A line of XLP that is called EUR.USD."""
    line = a_target("XLP", "1")
    named = replace(line, instrument=replace(line.instrument, name=InstrumentName("EUR.USD")))
    account = an_account_spec(portfolio=a_portfolio({}, targets=(named,), cash_weight=0))
    snapshot = replace(a_snapshot([], contracts=[a_contract("XLP")]), **changes)
    return resolve(account, snapshot, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"cash": {Currency("EUR"): money(5, "EUR")}},
        {"positions": (a_position("SAP", 1, currency="EUR"),)},
    ],
    ids=["cash", "holding"],
)
def test_a_line_that_is_called_as_a_pair_of_the_account_is_not_traded(changes: dict[str, Any]) -> None:
    """Contracts are known by name: it would be taken for the pair, or the pair for it."""
    rate = FxRate(Currency("EUR"), Currency("USD"), Decimal("1.16"), "account updates", NOW)
    blocked = called_as_a_pair(rates={Currency("EUR"): rate}, **changes).blocked

    assert blocked == ("the line EUR.USD is called as the currency pair that the plan has: give it another name",)


def test_where_there_is_no_such_pair_a_line_may_be_called_so() -> None:
    assert called_as_a_pair().blocked == ()
