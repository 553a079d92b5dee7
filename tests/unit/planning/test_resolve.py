"""Which contract, holding and orders belong to which line, where two lines claim the same."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Position
from reconciler.domain.desired import UnmanagedPositions
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.line import LineKind
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
    a_working_order,
    an_account_spec,
    an_instrument,
    con_id_of,
    money,
)

NVDA = con_id_of("NVDA")
OURS = "folioctl:0123456789ab:001a:1"


def resolved(orcl: ConId | None, **changes: Any) -> TargetPortfolio:
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
    return resolve(account, replace(snapshot, **changes), now=NOW)


def test_each_line_has_its_own_contract() -> None:
    nvda, orcl = resolved(con_id_of("ORCL")).lines

    assert (nvda.held, nvda.blocked, orcl.held) == (Decimal(40), None, Decimal(0))


def test_two_lines_of_one_contract_are_blocked_and_its_holding_counts_once() -> None:
    nvda, orcl = resolved(NVDA).lines

    assert (nvda.held, orcl.held) == (Decimal(40), Decimal(0))
    assert nvda.blocked == "it means the same contract as ORCL: pin each to its own with conId"
    assert orcl.blocked == "it means the same contract as NVDA: pin each to its own with conId"


def test_an_order_of_ours_on_one_contract_of_two_lines_counts_once_too() -> None:
    nvda, orcl = resolved(NVDA, working_orders=(a_working_order("NVDA", remaining=5, ref=OURS),)).lines

    assert (nvda.own_working, orcl.own_working) == (Decimal(5), Decimal(0))


def test_of_two_lines_of_one_contract_the_holding_is_that_ones_which_is_called_so() -> None:
    account = an_account_spec(portfolio=a_portfolio({"AAPL": "0.5", "NVDA": "0.5"}))
    contracts = [replace(a_contract("AAPL"), con_id=NVDA), a_contract("NVDA")]
    snapshot = a_snapshot([a_position("NVDA", 40, 100)], contracts=contracts, quotes=[])

    aapl, nvda = resolve(account, snapshot, now=NOW).lines

    assert (aapl.held, nvda.held) == (Decimal(0), Decimal(40))


def test_a_pinned_line_whose_contract_was_not_read_has_what_is_held_of_its_pin_by_whatever_name() -> None:
    target = a_target("NVDA", "1", instrument=an_instrument("NVDA", con_id=ConId(5)))
    account = an_account_spec(portfolio=a_portfolio({}, targets=(target,), cash_weight=0))
    found = resolve(account, a_snapshot([a_position("NVDX", 40, 100, con_id=ConId(5))], contracts=[]), now=NOW)

    assert (found.lines[0].held, found.undeclared) == (Decimal(40), ())


def test_a_contract_that_was_read_by_another_name_is_known_by_its_id() -> None:
    """Before contracts are read, a holding to close may share its symbol with one that proves to be a line's."""
    target = a_target("NVDA 7", "1", instrument=an_instrument("NVDA", name=InstrumentName("NVDA 7"), con_id=NVDA))
    account = an_account_spec(portfolio=a_portfolio({}, targets=(target,), cash_weight=0))
    found = resolve(account, a_snapshot([], contracts=[a_contract("NVDA")]), now=NOW)

    assert found.lines[0].contract == a_contract("NVDA")


def test_a_wrong_pin_that_the_broker_refused_counts_nothing_twice_either() -> None:
    nvda, orcl = resolved(None).lines

    assert (nvda.held, orcl.held, orcl.blocked) == (Decimal(40), Decimal(0), "not that")


def pinned(held: Position, contract_id: int, *, is_quoted: bool = True) -> TargetPortfolio:
    """NVDA is pinned to a contract of this id; what is held is another matter."""
    pin = replace(a_contract("NVDA"), con_id=ConId(contract_id))
    account = an_account_spec(portfolio=a_portfolio({"NVDA": "1"}), pinned={InstrumentName("NVDA"): pin})
    quotes = [replace(a_quote("NVDA", 100), con_id=pin.con_id)] if is_quoted else []
    return resolve(account, a_snapshot([held], contracts=[pin], quotes=quotes), now=NOW)


def test_a_pin_that_holds_trades() -> None:
    (line,) = pinned(a_position("NVDA", 40, 100, con_id=ConId(5)), 5).lines

    assert (line.held, line.blocked) == (Decimal(40), None)


@pytest.mark.parametrize(("symbol", "currency"), [("NVDX", "USD"), ("NVDA", "EUR")])
def test_a_pinned_contract_that_is_held_by_another_name_is_blocked(symbol: str, currency: str) -> None:
    (line,) = pinned(a_position(symbol, 40, 100, con_id=ConId(5), currency=currency), 5).lines

    assert line.held == Decimal(40)
    assert line.blocked is not None
    assert f"contract 5 is pinned as NVDA in USD, and held as {symbol} in {currency}" in line.blocked


@pytest.mark.parametrize("is_quoted", [True, False])
def test_a_pinned_line_that_is_held_under_another_contract_is_blocked_whether_or_not_it_has_a_price(
    is_quoted: bool,
) -> None:
    (line,) = pinned(a_position("NVDA", 40, 100, con_id=ConId(6)), 5, is_quoted=is_quoted).lines

    assert line.blocked is not None
    assert "40 are held under contract 6, but the line is pinned to 5" in line.blocked
    assert "`folioctl lock --upgrade NVDA`" in line.blocked
    assert "`moved: [{fromConId: 6, to: NVDA}]`" in line.blocked


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"currency": Currency("USD")}, "SAP STK in USD"),
        ({"symbol": "SAPX"}, "SAPX STK in EUR"),
        ({"sec_type": "FUT"}, "SAP FUT in EUR"),
    ],
)
def test_a_contract_that_is_not_what_the_line_says_is_none(changes: dict[str, Any], meant: str) -> None:
    line = a_target("SAP", "1", instrument=an_instrument("SAP", currency="EUR"))
    contract = replace(a_contract("SAP", currency="EUR"), **changes)
    account = an_account_spec(portfolio=a_portfolio({}, targets=(line,), cash_weight=0))
    rate = FxRate(Currency("EUR"), Currency("USD"), Decimal("1.16"), "account updates", NOW)
    snapshot = a_snapshot([], contracts=[], rates={Currency("EUR"): rate})
    snapshot = replace(snapshot, contracts={line.instrument.name: contract})

    (resolved,) = resolve(account, snapshot, now=NOW).lines

    assert resolved.blocked == f"contract {contract.con_id} is {meant}, and the line says SAP STK in EUR"


def called_as_a_pair(name: str = "EUR.USD", **changes: Any) -> TargetPortfolio:
    """A line of XLP that is called as a pair."""
    line = a_target("XLP", "1")
    named = replace(line, instrument=replace(line.instrument, name=InstrumentName(name)))
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


@pytest.mark.parametrize("name", ["EUR.USD", "USD.USD"])
def test_where_there_is_no_such_pair_a_line_may_be_called_so(name: str) -> None:
    assert called_as_a_pair(name).blocked == ()


def test_a_currency_without_a_rate_blocks_the_account_whether_a_line_is_in_it_or_a_holding() -> None:
    line = a_target("SAP", "1", instrument=an_instrument("SAP", currency="EUR"))
    account = an_account_spec(portfolio=a_portfolio({}, targets=(line,), cash_weight=0))
    snapshot = a_snapshot([a_position("RY", 1, currency="CAD")], contracts=[a_contract("SAP", currency="EUR")])

    assert resolve(account, snapshot, now=NOW).blocked == (
        "no exchange rate from CAD to USD",
        "no exchange rate from EUR to USD",
    )


def closed(declared: str, held: Position) -> list[InstrumentName]:
    """What of it is closed beside a line that means contract 5, where holdings that no line names are closed."""
    line = a_target("MES", "1", instrument=an_instrument("MES", sec_type=declared, con_id=ConId(5)))
    account = an_account_spec(
        portfolio=a_portfolio({}, targets=(line,), cash_weight=0), unmanaged_positions=UnmanagedPositions.CLOSE
    )
    contract = a_contract("MES", sec_type=declared, con_id=ConId(5))
    lines = resolve(account, a_snapshot([held], contracts=[contract], quotes=[]), now=NOW).lines
    return [each.name for each in lines if each.kind is LineKind.CLOSING]


def test_a_share_by_the_symbol_of_a_line_is_not_closed_and_another_month_of_a_future_is() -> None:
    """A corporate action may have made the one of the other; months are contracts of their own."""
    assert closed("STK", a_position("MES", 1, con_id=ConId(6))) == []
    assert closed("STK", a_position("MSFT", 1)) == ["MSFT"]
    assert closed("FUT", a_position("MES", 1, con_id=ConId(6), sec_type="FUT")) == ["MES 6"]


def test_another_month_of_a_future_holds_no_line_up() -> None:
    line = a_target("MES", "1", instrument=an_instrument("MES", sec_type="FUT"))
    account = an_account_spec(portfolio=a_portfolio({}, targets=(line,), cash_weight=0))
    held = a_position("MES", 1, sec_type="FUT", con_id=ConId(6))
    snapshot = a_snapshot([held], contracts=[a_contract("MES", sec_type="FUT")], quotes=[a_quote("MES", 6_000)])

    assert resolve(account, snapshot, now=NOW).lines[0].blocked is None


@pytest.mark.parametrize(("held", "long", "short"), [(130, 30, 70), (-130, 70, 30), (200, 0, 0)])
def test_what_no_order_of_whole_lots_changes_on_either_side_of_zero(held: int, long: int, short: int) -> None:
    account = an_account_spec(portfolio=a_portfolio({"NVDA": "1"}))
    contracts = [a_contract("NVDA", lot_size=100)]
    (line,) = resolve(account, a_snapshot([a_position("NVDA", held)], contracts=contracts), now=NOW).lines

    assert [line.odd(1), line.odd(-1)] == [Decimal(long), Decimal(short)]
