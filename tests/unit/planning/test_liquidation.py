"""How far an account is from liquidation: by hand, and as the property that the move told does use the excess up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.liquidation import Exposure, Footing, distance

USD, CAD, EUR = Currency("USD"), Currency("CAD"), Currency("EUR")


def footing(equity: int, *exposures: Exposure, cash: dict[Currency, Decimal] | None = None) -> Footing:
    return Footing(Money(Decimal(equity), USD), Money(Decimal(equity), USD), exposures, cash or {})


def stock(amount: int, currency: Currency = USD) -> Exposure:
    return Exposure(currency, Decimal(amount), is_value=True)


def margin(amount: int) -> Money:
    return Money(Decimal(amount), USD)


def test_an_account_of_1_4_with_a_quarter_of_margin() -> None:
    told = distance(footing(100_000, stock(140_000)), margin(35_000))

    # 100,000 − 140,000 f = 35,000 (1 − f)
    assert told.price_move == Decimal(-65_000) / Decimal(105_000)
    assert told.margin_rise == Decimal(65) / Decimal(35)
    assert (told.currency_move, told.currency) == (None, None)
    assert isinstance(told.leverage, Decimal)
    assert round(told.leverage, 6) == 4  # a quarter of margin: all that is left is margin


def test_without_leverage_no_fall_of_prices_liquidates() -> None:
    told = distance(footing(100_000, stock(60_000)), margin(15_000))

    assert told.price_move is None
    assert told.leverage is None


def test_without_any_exposure_no_leverage_liquidates_though_the_broker_asks_margin_for_foreign_cash() -> None:
    told = distance(footing(100_000, cash={CAD: Decimal(80_000)}), margin(8_000))

    assert (told.price_move, told.leverage) == (None, None)


def test_a_short_account_is_liquidated_by_a_rise() -> None:
    told = distance(footing(100_000, stock(-150_000)), margin(45_000))

    assert told.price_move == Decimal(55_000) / Decimal(195_000)


def test_an_account_beyond_liquidation_is_there() -> None:
    told = distance(footing(100_000, stock(300_000)), margin(120_000))

    assert (told.price_move, told.margin_rise) == (Decimal(0), Decimal(0))
    assert told.currency_move is None


def test_what_is_owed_in_another_currency_counts_against_what_is_held_in_it() -> None:
    """150,000 of Canadian stocks, half of it borrowed in CAD; the rest of the account is 75,000 in USD stocks."""
    account = footing(150_000, stock(150_000, CAD), stock(75_000), cash={CAD: Decimal(-75_000)})

    told = distance(account, margin(67_500))

    # CAD: 75,000 of worth, two thirds of the margin: were it worth nothing, 30,000 of 82,500 would be gone.
    assert (told.currency, told.currency_move) == (None, None)


def test_the_currency_that_needs_the_least_is_told() -> None:
    account = footing(50_000, stock(100_000, CAD), stock(20_000, EUR), cash={CAD: Decimal(-10_000)})

    told = distance(account, margin(30_000))

    assert told.currency == CAD
    assert told.currency_move == Decimal(-20_000) / (Decimal(90_000) - Decimal(25_000))


def test_a_future_moves_with_prices_and_is_nothing_held_in_its_currency() -> None:
    future = Exposure(EUR, Decimal(200_000), is_value=False)

    told = distance(footing(50_000, future), margin(20_000))

    assert told.price_move == Decimal(-30_000) / Decimal(180_000)
    # In EUR there is only its margin, so it is a rise of EUR that uses the excess up.
    assert told.currency_move == Decimal(30_000) / Decimal(20_000)


def test_unknown_cash_leaves_the_rest_known() -> None:
    unknown = Unknown("no cash was read")
    known = footing(100_000, stock(140_000))

    told = distance(Footing(known.equity, known.net_liquidation, known.exposures, unknown), margin(35_000))

    assert told.currency_move is unknown
    assert told.price_move == Decimal(-65_000) / Decimal(105_000)


def test_unknown_margin_or_holdings_are_never_safe() -> None:
    unknown = Unknown("not read")
    known = footing(100_000, stock(140_000))

    assert distance(known, unknown).price_move is unknown
    blind = distance(Footing(known.equity, known.net_liquidation, unknown, {}), margin(35_000))
    assert (blind.price_move, blind.currency_move, blind.leverage) == (unknown, unknown, unknown)
    assert blind.margin_rise == Decimal(65) / Decimal(35)


AMOUNTS = st.integers(-500_000, 500_000)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.integers(1, 400_000), st.integers(1, 400_000))
def test_after_the_move_that_is_told_the_excess_is_gone(amounts: list[int], equity: int, required: int) -> None:
    account = footing(equity, *(stock(amount) for amount in amounts))

    told = distance(account, margin(required))

    moving = min(required, sum(map(abs, amounts)))

    def excess(move: Decimal) -> Decimal:
        return equity - required + (sum(amounts) - moving) * move

    if isinstance(told.price_move, Decimal) and equity > required:
        assert abs(excess(told.price_move)) < Decimal("0.01")
    elif told.price_move is None:
        assert all(excess(move) > 0 for move in (Decimal("-0.5"), Decimal(-1)))
