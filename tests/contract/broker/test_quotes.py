"""Prices, and what is told with them."""

from decimal import Decimal

from reconciler.domain.account import Quote, QuoteType, TradingHalt
from reconciler.domain.unknown import Unknown
from reconciler.ports import QuoteExtra
from tests.contract.broker.acts import GLD, LATE, MSFT, Play, contract
from tests.contract.broker_worlds import USD, World


def test_quotes_are_live_or_delayed_and_say_so(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        quotes = await broker.read_quotes([await contract(broker), await contract(broker, "LATE")])
        live, delayed = quotes[MSFT], quotes[LATE]
        assert not isinstance(live, Unknown)
        assert not isinstance(delayed, Unknown)
        assert (live.type, live.last, live.currency) == (QuoteType.LIVE, Decimal(500), USD)
        assert (delayed.type, delayed.last) == (QuoteType.DELAYED, Decimal(20))
        assert live.bid is not None
        assert live.ask is not None
        assert live.bid <= live.ask
        await broker.close()

    play(case)


def test_the_average_volume_is_told_where_it_is_asked_for_and_served(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker, symbol) for symbol in ("MSFT", "GLD", "LATE")]
        quotes = await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        served, not_served, delayed = (quotes[each.con_id] for each in contracts)
        assert isinstance(served, Quote)
        assert isinstance(not_served, Quote), "a price is a price without its volume"
        assert isinstance(delayed, Quote)
        assert (served.last, served.average_volume) == (Decimal(500), Decimal(22_000_000))
        assert (not_served.last, not_served.average_volume) == (Decimal(350), None)
        assert (delayed.type, delayed.last, delayed.average_volume) == (QuoteType.DELAYED, Decimal(20), None)
        plain = (await broker.read_quotes(contracts[:1]))[MSFT]
        assert isinstance(plain, Quote)
        assert (plain.last, plain.average_volume) == (Decimal(500), None)
        await broker.close()

    play_virtually(case)


def test_a_halt_of_trading_is_told_with_the_price(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker, symbol) for symbol in ("MSFT", "GLD", "LATE")]
        world.halts("MSFT")
        world.halts("LATE")
        for extras in ((), (QuoteExtra.AVERAGE_VOLUME,)):
            quotes = await broker.read_quotes(contracts, extras=extras)
            halted, trading, delayed = (quotes[each.con_id] for each in contracts)
            assert isinstance(halted, Quote)
            assert isinstance(trading, Quote)
            assert isinstance(delayed, Quote)
            assert (halted.last, halted.halt) == (Decimal(500), TradingHalt.GENERAL)
            assert trading.halt is None
            assert (delayed.type, delayed.halt) == (QuoteType.DELAYED, TradingHalt.GENERAL)
        await broker.close()

    play_virtually(case)


def test_a_missing_price_is_unknown_and_hides_no_other(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker), await contract(broker, "GLD")]
        world.hides_price("MSFT")
        quotes = await broker.read_quotes(contracts)
        missing = quotes[MSFT]
        assert isinstance(missing, Unknown)
        assert "MSFT" in missing.why
        assert not isinstance(quotes[GLD], Unknown)
        await broker.close()

    play(case)
