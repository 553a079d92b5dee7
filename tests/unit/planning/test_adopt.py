"""Adopting an account: what each kind of holding becomes, and what stands in the way."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountSnapshot, Position, Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountSpec, CurrencyFunding, UndeclaredHoldings, UnmanagedPositions
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.portfolio import Moved
from reconciler.domain.unknown import Unknown
from reconciler.planning.adopt import Adoption, Obstacles, adopt, adopted, left_aside, with_holdings
from reconciler.planning.draft import Draft, draft
from reconciler.planning.room import Room, room_above
from tests.builders import (
    NOW,
    Number,
    a_contract,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_snapshot,
    a_target,
    a_working_order,
    account_values,
    an_account_spec,
    an_emergency,
    an_instrument,
    con_id_of,
    money,
)
from tests.strategies import WIDE_LIMITS, pair_contract, pair_quote

OURS = "folioctl:0123456789ab:001a:1"
EMPTY = a_portfolio({}, cash_weight=1, allow_empty=True)


def an_account(*held: Position, net: Number = 100_000, **changes: Any) -> AccountSnapshot:
    """An account that holds these, each with its mark."""
    values = account_values(net, maintenance_margin=money(Decimal(net) / 10), initial_margin=money(Decimal(net) / 5))
    return a_snapshot(held, contracts=(), quotes=(), values=values, **changes)


def taken(
    snapshot: AccountSnapshot, account: AccountSpec | None = None, **lots: Number
) -> tuple[AccountSpec, AccountSnapshot, Adoption | Obstacles]:
    """What comes of adopting the account; the broker knows the contract of each of its holdings."""
    account = account or an_account_spec(portfolio=EMPTY, limits=WIDE_LIMITS)
    wanted = with_holdings(account, snapshot, can_be_written=str.isalnum, now=NOW)
    assert isinstance(snapshot.positions, tuple)
    held = {each.con_id: each for each in snapshot.positions}
    known = dict(snapshot.contracts)
    for target in wanted.portfolio.targets:
        spec = target.instrument
        if spec.con_id is not None and spec.name not in known:
            known[spec.name] = a_contract(
                spec.symbol,
                currency=spec.currency,
                con_id=spec.con_id,
                sec_type=spec.sec_type,
                multiplier=held[spec.con_id].multiplier,
                lot_size=Decimal(lots.get(spec.symbol, 1)),
                exchange=spec.exchange or "CME",
            )
    read = replace(snapshot, contracts=known)
    aside = left_aside(wanted, read, can_be_written=str.isalnum, now=NOW)
    return wanted, read, adopt(wanted, read, aside, now=NOW)


def found(snapshot: AccountSnapshot, account: AccountSpec | None = None, **lots: Number) -> tuple[Adoption, Draft]:
    """The adoption, and what its manifests would trade: nothing."""
    wanted, read, adoption = taken(snapshot, account, **lots)
    assert isinstance(adoption, Adoption), adoption
    made = draft(adopted(wanted, adoption), read, now=NOW)
    assert made.orders == ()
    assert made.blocked == ()
    return adoption, made


def reasons(snapshot: AccountSnapshot, account: AccountSpec | None = None) -> tuple[str, ...]:
    _, _, adoption = taken(snapshot, account)
    assert isinstance(adoption, Obstacles), adoption
    return adoption.reasons


def weights(adoption: Adoption) -> dict[str, Decimal]:
    return {str(each.target.instrument.name): each.target.weight for each in adoption.lines}


def test_what_is_held_is_a_share_of_what_there_is_and_the_rest_is_cash() -> None:
    adoption, _ = found(an_account(a_position("MSFT", 50, 400), a_position("GLD", 100, 300)))

    assert weights(adoption) == {"GLD": Decimal("0.3"), "MSFT": Decimal("0.2")}
    assert (adoption.leverage, adoption.cash, adoption.long_only) == (Decimal(1), Decimal("0.5"), True)
    assert adoption.funding is CurrencyFunding.CONVERT
    assert all(each.target.instrument.con_id == each.contract.con_id for each in adoption.lines)


def test_a_loan_is_the_leverage_rounded_up_and_the_rounding_is_cash() -> None:
    adoption, _ = found(an_account(a_position("MSFT", 351, 400)))

    assert adoption.leverage == Decimal("1.41")
    assert 0 < adoption.cash < Decimal("0.01")
    assert adoption.maintenance_rate == Decimal(10_000) / Decimal(140_400)
    assert adoption.initial_rate == Decimal(20_000) / Decimal(140_400)


def test_a_short_holding_is_a_weight_below_zero() -> None:
    adoption, _ = found(an_account(a_position("MSFT", 150, 400), a_position("TSLA", -50, 400)))

    assert weights(adoption) == {"MSFT": Decimal("0.6"), "TSLA": Decimal("-0.2")}
    assert not adoption.long_only


def test_a_portfolio_that_may_be_short_stays_so_where_all_that_is_held_is_long() -> None:
    account = an_account_spec(portfolio=replace(EMPTY, long_only=False), limits=WIDE_LIMITS)
    adoption, _ = found(an_account(a_position("MSFT", 50, 400)), account)

    assert not adoption.long_only


def test_what_would_be_closed_becomes_a_line_all_the_same() -> None:
    account = an_account_spec(portfolio=EMPTY, limits=WIDE_LIMITS, unmanaged_positions=UnmanagedPositions.CLOSE)
    adoption, _ = found(an_account(a_position("MSFT", 50, 400)), account)

    assert weights(adoption) == {"MSFT": Decimal("0.2")}


def test_thirds_are_written_so_that_they_are_no_more_than_the_whole() -> None:
    adoption, _ = found(an_account(*(a_position(each, 33, 1_000) for each in ("MSFT", "NVDA", "GLD")), net=99_000))

    assert sum(weights(adoption).values()) <= Decimal("1.0000001")
    assert (adoption.cash, adoption.leverage) == (Decimal(0), Decimal(1))


def test_more_short_than_long_is_what_no_portfolio_can_say() -> None:
    assert reasons(an_account(a_position("TSLA", -50, 400))) == (
        "the short holdings are worth more than the long ones, which no portfolio can say",
    )


def test_a_future_counts_with_its_multiplier_and_is_routed_where_the_broker_says() -> None:
    adoption, _ = found(an_account(a_position("MES", 2, 6_000, sec_type=FUTURE, multiplier=Decimal(5))))

    assert weights(adoption) == {"MES": Decimal("0.6")}
    assert adoption.lines[0].target.instrument.exchange == "CME"


@pytest.mark.parametrize("quantity", ["10.5", "0.25", "33.333"])
def test_fractions_of_a_share_stay_where_they_are(quantity: str) -> None:
    adoption, made = found(an_account(a_position("MSFT", Decimal(quantity), 377)))

    (line,) = (change.line for change in made.changes)
    assert isinstance(line.exact_target, Decimal)
    assert abs(line.exact_target - Decimal(quantity)) <= Decimal("0.01")
    assert weights(adoption)["MSFT"] > 0


def test_odd_lots_stay_where_they_are() -> None:
    found(an_account(a_position("PENNY", 1_234, Decimal("0.37"))), PENNY=100)


def test_two_holdings_of_one_symbol_are_two_lines_with_names_of_their_own() -> None:
    other = a_position("MSFT", 10, 400, con_id=ConId(7))
    adoption, _ = found(an_account(a_position("MSFT", 50, 400), other))

    assert sorted(weights(adoption)) == ["MSFT 272093", "MSFT 7"]


def a_debt_in_another_currency() -> AccountSnapshot:
    snapshot = an_account(
        a_position("RY", 100, 200, currency="CAD"),
        cash={Currency("USD"): money(90_000), Currency("CAD"): money(-20_000, "CAD")},
        rates={Currency("CAD"): a_rate("CAD", "USD", "0.75")},
    )
    pair = pair_contract("USD", "CAD")
    quote = pair_quote("CAD", "USD", Decimal("0.75"))
    return replace(snapshot, contracts={InstrumentName(pair.symbol): pair}, quotes={quote.con_id: quote})


def test_a_debt_in_another_currency_is_borrowed_and_not_converted() -> None:
    adoption, _ = found(a_debt_in_another_currency())

    assert adoption.funding is CurrencyFunding.BORROW
    assert weights(adoption) == {"RY": Decimal("0.15")}


def test_it_is_borrowed_too_where_the_limits_to_begin_with_see_an_emergency() -> None:
    """An emergency converts nothing; the limits that are written for the account are not those that it was read by."""
    limits = replace(WIDE_LIMITS, emergency=an_emergency(leverage=Decimal("0.1")))
    _, _, adoption = taken(a_debt_in_another_currency(), an_account_spec(portfolio=EMPTY, limits=limits))

    assert isinstance(adoption, Adoption)
    assert adoption.funding is CurrencyFunding.BORROW


def test_options_and_bonds_are_left_aside_and_counted() -> None:
    option = a_position("MSFT", 1, 12, sec_type="OPT", multiplier=Decimal(100), con_id=ConId(8))
    bond = a_position("UST", 10, 990, sec_type="BOND", con_id=ConId(9))
    delta = a_quote("MSFT", 12, con_id=ConId(8), delta=Decimal("0.5"), underlying=Decimal(400))
    snapshot = replace(an_account(a_position("GLD", 100, 300), option, bond), quotes={ConId(8): delta})

    adoption, made = found(snapshot)

    assert [(each.symbol, "BOND" in each.why or "OPT" in each.why) for each in adoption.aside] == [
        ("MSFT", True),
        ("UST", True),
    ]
    assert adoption.undeclared_share == Decimal("0.299")
    assert adoption.maintenance_rate == Decimal(10_000) / Decimal(30_000 + 29_900)
    assert made.sizing is not None
    assert made.sizing.undeclared == money(29_900)
    assert set(weights(adoption)) == {"GLD"}


def test_a_symbol_that_no_manifest_can_write_is_left_aside() -> None:
    adoption, _ = found(an_account(a_position("M&M", 1, 100), a_position("GLD", 100, 300)))
    assert [(each.symbol, each.why) for each in adoption.aside] == [("M&M", "a manifest cannot write its symbol")]


@pytest.mark.parametrize("price", [None, Decimal(0)])
def test_a_holding_without_a_price_is_an_obstacle_and_never_a_weight(price: Decimal | None) -> None:
    worthless = replace(a_position("DEAD", 1_000, 1), market_price=price)
    (why,) = reasons(an_account(worthless, a_position("GLD", 100, 300)))
    assert why.startswith("DEAD: ")


def test_an_option_without_a_delta_is_an_obstacle() -> None:
    option = a_position("MSFT", 1, 12, sec_type="OPT", multiplier=Decimal(100), con_id=ConId(8))
    (why,) = reasons(an_account(a_position("GLD", 100, 300), option))
    assert "MSFT" in why


def test_a_holding_without_a_rate_is_an_obstacle() -> None:
    whys = reasons(an_account(a_position("RY", 100, 200, currency="CAD")))
    assert any("no exchange rate from CAD" in why for why in whys)


def test_a_line_that_holds_nothing_and_has_no_rate_is_an_obstacle_that_can_be_removed() -> None:
    targets = (a_target("RY", "1", instrument=an_instrument("RY", currency="CAD")),)
    account = an_account_spec(portfolio=a_portfolio({}, targets=targets), limits=WIDE_LIMITS)
    known = {InstrumentName("RY"): a_contract("RY", currency="CAD")}
    without_rate = replace(an_account(), contracts=known, quotes={con_id_of("RY"): a_quote("RY", 180, currency="CAD")})
    assert any("import the account without this line" in why for why in reasons(without_rate, account))

    held = replace(an_account(a_position("RY", 100, 200, currency="CAD")), contracts=known)
    assert not any("without this line" in why for why in reasons(held, account))

    without_contract = replace(an_account(), contracts={InstrumentName("RY"): Unknown("there is no such contract")})
    assert "RY: there is no such contract" in reasons(without_contract, account)


@pytest.mark.parametrize("part", ["values", "positions", "working_orders"])
def test_what_was_not_read_is_an_obstacle(part: str) -> None:
    changes: dict[str, Any] = {part: Unknown("it never came to its END")}
    snapshot = replace(an_account(), **changes)
    wanted = with_holdings(an_account_spec(portfolio=EMPTY), snapshot, can_be_written=str.isalnum, now=NOW)
    adoption = adopt(wanted, snapshot, (), now=NOW)
    assert isinstance(adoption, Obstacles)
    assert any("it never came to its END" in reason for reason in adoption.reasons)


def test_an_order_of_ours_that_works_is_an_obstacle_and_another_ones_is_none() -> None:
    held = a_position("MSFT", 50, 400)
    ours = a_working_order("MSFT", Side.SELL, 5, ref=OURS, order_type="LMT")
    theirs = a_working_order("MSFT", Side.SELL, 5, order_type="LMT")

    (why,) = reasons(an_account(held, working_orders=(ours,)))
    assert why.startswith("MSFT: an order of ours still works")
    found(an_account(held, working_orders=(theirs,)))


def test_a_name_that_differs_in_its_letters_alone_is_taken() -> None:
    account = an_account_spec(portfolio=a_portfolio({"GLD": "1"}), limits=WIDE_LIMITS)
    snapshot = an_account(a_position("GLD", 100, 300), a_position("gld", 10, 300, con_id=ConId(7)))
    snapshot = replace(snapshot, contracts={InstrumentName("GLD"): a_contract("GLD")})

    adoption, _ = found(snapshot, account)

    assert weights(adoption).keys() == {"GLD", "gld 7"}


def test_a_declared_line_keeps_what_it_says_and_one_that_is_not_held_gets_the_weight_0() -> None:
    targets = (a_target("GLD", "0.6", sector="Metals"), a_target("NVDA", "0.4"))
    account = an_account_spec(portfolio=a_portfolio({}, targets=targets), limits=WIDE_LIMITS)
    snapshot = an_account(a_position("GLD", 100, 300))
    snapshot = replace(
        snapshot,
        contracts={InstrumentName(symbol): a_contract(symbol) for symbol in ("GLD", "NVDA")},
        quotes={each.con_id: each for each in (a_quote("NVDA", 180),)},
    )

    adoption, _ = found(snapshot, account)

    assert weights(adoption) == {"GLD": Decimal("0.3"), "NVDA": Decimal(0)}
    assert adoption.lines[0].target.sector == "Metals"


def test_a_replaced_contract_counts_for_the_line_that_stands_for_it() -> None:
    moved = (Moved(ConId(77), InstrumentName("GLD"), Decimal(2)),)
    targets = (a_target("GLD", "0.6"),)
    account = an_account_spec(portfolio=a_portfolio({}, targets=targets, moved=moved), limits=WIDE_LIMITS)
    old = a_position("OLD", 10, 600, con_id=ConId(77))
    snapshot = an_account(a_position("GLD", 100, 300), old)
    snapshot = replace(snapshot, contracts={InstrumentName("GLD"): a_contract("GLD")})

    adoption, _ = found(snapshot, account)

    assert weights(adoption) == {"GLD": Decimal("0.36")}


@pytest.mark.parametrize("undeclared", UndeclaredHoldings)
def test_the_cash_buffer_and_what_stands_apart_are_reckoned_with(undeclared: UndeclaredHoldings) -> None:
    account = an_account_spec(
        portfolio=EMPTY,
        limits=WIDE_LIMITS,
        cash_buffer_fraction=Decimal("0.05"),
        cash_buffer_amount=Decimal(1_000),
        undeclared_holdings=undeclared,
    )
    bond = a_position("UST", 10, 990, sec_type="BOND", con_id=ConId(9))
    found(an_account(a_position("GLD", 300, 300), bond), account)


def test_a_leverage_beyond_what_a_manifest_can_say_is_an_obstacle() -> None:
    (why,) = reasons(an_account(a_position("MSFT", 3_000, 400)))
    assert "a manifest says 10 at most" in why

    adoption, _ = found(an_account(a_position("MSFT", 2_500, 400)))
    assert adoption.leverage == Decimal(10)


def test_nothing_held_is_all_cash() -> None:
    adoption, _ = found(an_account())
    assert adoption.lines == ()
    assert (adoption.cash, adoption.leverage) == (Decimal(1), Decimal(1))
    assert adoption.maintenance_rate is None


class TestRoom:
    def test_the_limits_lie_between_the_leverage_and_liquidation(self) -> None:
        assert room_above(Decimal("1.4"), emergency=Decimal(3)) == Room(Decimal("1.5"), Decimal(3), Decimal("0.25"))

    def test_an_emergency_comes_before_liquidation(self) -> None:
        room = room_above(Decimal("1.4"), emergency=Decimal(3), rate=Decimal("0.5"))
        assert room == Room(Decimal("1.5"), Decimal("1.9"), Decimal("0.5"))

    def test_an_emergency_comes_after_the_limit(self) -> None:
        room = room_above(Decimal("3.02"), emergency=Decimal("2.5"))
        assert room == Room(Decimal("3.2"), Decimal("3.3"), Decimal("0.25"))

    def test_close_to_liquidation_there_is_no_room(self) -> None:
        room = room_above(Decimal("3.7"), emergency=Decimal(3))
        assert isinstance(room, Unknown)
        assert "liquidates at 4.00" in room.why
