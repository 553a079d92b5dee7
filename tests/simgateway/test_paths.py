"""Prices that move by themselves: walks, scripted points, and the replay of daily closes."""

import asyncio
import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.hours import always_open
from reconciler.simgateway.market.instruments import Instrument, Quote
from reconciler.simgateway.market.paths import Closes, Walk, normal
from reconciler.simgateway.serving.server import serve
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load, load_file, stage
from reconciler.simgateway.statements import reporting
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, STARTED, TEXT, Bench, Wire, order, say, scenario, turns, until

TABLE = Path(__file__).parents[1] / "data" / "daily-closes-2015-2024.csv"


@cache
def instrument() -> Instrument:
    (found,) = Bench().broker.market.named("MSFT")
    return found


def walked(seed: int, steps: int, walk: Walk, start: str = "500.00") -> list[Decimal]:
    """The last prices of a walk from `start` on."""
    course, quote, prices = walk.begin(seed, instrument()), Quote(last=Decimal(start)), []
    for _ in range(steps):
        last = course.move(quote)["last"]
        assert last is not None
        quote = Quote(last=last)
        prices.append(last)
    return prices


def mean(numbers: list[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


CALM = Walk(Decimal("0.25"), Decimal(0), Decimal(60))


def test_a_walk_is_the_same_on_every_machine_and_another_with_another_seed() -> None:
    assert [str(price) for price in walked(7, 5, CALM)] == ["499.65", "499.34", "499.65", "500.19", "500.47"]
    assert walked(7, 50, CALM) == walked(7, 50, CALM)
    assert walked(8, 50, CALM) != walked(7, 50, CALM)


@pytest.mark.parametrize(("volatility", "tolerance"), [("0.20", "0.06"), ("1.00", "0.30")])
def test_a_walk_has_the_volatility_and_the_drift_that_it_says(volatility: str, tolerance: str) -> None:
    yearly = Decimal(volatility)
    day = Walk(yearly, Decimal("0.50"), Decimal(23_400))
    prices = [Decimal(10**9), *walked(1, 20_000, day, "1000000000")]
    returns = [(after / before).ln() for before, after in pairwise(prices)]
    average = mean(returns)
    deviation = mean([(each - average) ** 2 for each in returns]).sqrt()
    assert abs(deviation * Decimal(252).sqrt() / yearly - 1) < Decimal("0.02")
    assert abs(average * 252 - (Decimal("0.50") - yearly**2 / 2)) < Decimal(tolerance)


def test_the_noise_is_nearly_normal() -> None:
    chance = Random(1)  # noqa: S311 - no secret
    drawn = [normal(chance) for _ in range(20_000)]
    assert abs(mean(drawn)) < Decimal("0.02")
    assert abs(mean([each**2 for each in drawn]) - 1) < Decimal("0.03")
    assert Decimal("0.04") < mean([Decimal(abs(each) > 2) for each in drawn]) < Decimal("0.05")


@given(st.integers(), st.decimals("0.01", "10", places=2), st.decimals("0.01", "2000", places=2))
def test_a_walk_stays_on_ticks_above_zero(seed: int, volatility: Decimal, start: Decimal) -> None:
    wild = Walk(volatility, Decimal(-10), Decimal(86_400))
    for price in walked(seed, 20, wild, str(start)):
        assert price >= Decimal("0.01")
        assert instrument().market_rule.admits(price)


def test_steps_finer_than_a_tick_add_up() -> None:
    slow = Walk(Decimal("0.01"), Decimal(5), Decimal("0.1"))
    assert walked(1, 20_000, slow, "10.00")[-1] > Decimal("10.00")


def test_a_walk_goes_on_from_where_something_else_put_the_price() -> None:
    course = CALM.begin(1, instrument())
    course.move(Quote(last=Decimal(500)))
    moved = course.move(Quote(last=Decimal(100)))["last"]
    assert moved is not None
    assert abs(moved - 100) < 1
    assert course.move(Quote()) == {}


def moves_of(bench: Bench, name: str, seconds: int, step: int) -> list[datetime]:
    """When the last price of an instrument was seen to move."""
    (watched,) = bench.broker.market.named(name)
    seen, before = [], bench.broker.market.quote(watched.con_id).last
    for _ in range(seconds // step):
        bench.clock.step(step)
        now = bench.broker.market.quote(watched.con_id).last
        if now != before:
            seen.append(bench.clock.now())
        before = now
    return seen


def test_a_walk_stands_while_the_market_is_closed() -> None:
    walking = TEXT.replace(
        "close: 498.00}", "hours: us-stocks, path: {walk: {volatility: 5, step_seconds: 600}}, close: 498.00}"
    )
    bench = Bench(walking)
    seen = moves_of(bench, "MSFT", 86_400, 600)
    # New York trades from 04:00 to 20:00, which is 09:00 to 01:00 UTC in March.
    assert {moment.hour for moment in seen} == set(range(24)) - set(range(1, 9))
    assert len(seen) > 90
    assert Bench(walking).broker.feed is not bench.broker.feed
    bench.broker.stop()
    assert moves_of(bench, "MSFT", 7200, 600) == []


def test_points_of_a_path_come_at_their_times() -> None:
    bench = Bench(
        TEXT.replace(
            "close: 498.00}",
            "close: 498.00, path: {scripted: [{after: 10, last: 501}, {at: '10:01', last: 502, spread: 0.10}]}}",
        )
    )
    assert moves_of(bench, "MSFT", 120, 10) == [STARTED + timedelta(seconds=10), STARTED + timedelta(seconds=60)]
    assert bench.broker.market.quote(272093).ask == Decimal("502.05")


def test_one_timer_serves_all_paths() -> None:
    class Counting(SteppedClock):
        armed = 0

        def call_later(self, delay: float, action: Callable[[], None]) -> None:
            self.armed += getattr(action, "__name__", "") == "_strike"
            super().call_later(delay, action)

    text = TEXT.replace("spread: 0.02}", "spread: 0.02, path: {walk: {volatility: 0.2, step_seconds: 60}}}")
    clock = Counting(STARTED)
    Broker(stage(scenario(text)), clock)
    assert clock.armed == 1
    clock.step(600)
    assert clock.armed == 11


@pytest.mark.parametrize(
    ("path", "place", "part"),
    [
        ("{}", "{}", "name one of scripted, walk, closes"),
        ("{walk: {volatility: 1}, scripted: []}", "{walk", "name one of scripted, walk, closes"),
        ("{scripted: [{last: 1}]}", "{last", "name one of after and at"),
        ("{closes: {file: none.csv, column: A, start: 2024-01-02}}", "none.csv", "No such file or directory"),
        ("{closes: {file: ., column: A, start: 2024-01-02}}", "., ", "Is a directory"),
        ("{closes: {file: t.csv, column: Z, start: 2024-01-02}}", "Z", "the table has no column 'Z'"),
        ("{closes: {file: t.csv, column: date, start: 2024-01-02}}", "date", "the table has no column 'date'"),
        ("{closes: {file: t.csv, column: A, start: 2023-12-29}}", "2023", "the column has 2024-01-02 to 2024-01-04"),
        ("{closes: {file: t.csv, column: A, start: 2024-01-05}}", "2024", "the column has 2024-01-02 to 2024-01-04"),
        ("{closes: {file: t.csv, column: B, start: 2024-01-02}}", "t.csv", "line 3: '2024-01-03' is no day, or 'x' is"),
        ("{closes: {file: t.csv, column: C, start: 2024-01-02}}", "t.csv", "line 2: '-1' is no price"),
        ("{closes: {file: t.csv, column: D, start: 2024-01-02}}", "2024", "the column has no day at all"),
        ("{closes: {file: u.csv, column: A, start: 2024-01-02}}", "u.csv", "line 3: the days of the table do not rise"),
    ],
)
def test_what_is_wrong_with_a_path_is_a_finding(tmp_path: Path, path: str, place: str, part: str) -> None:
    (tmp_path / "t.csv").write_text("date,A,B,C,D\n2024-01-02,1.5,2,-1,\n2024-01-03,,x,2,\n2024-01-04,1.75,3,3,\n")
    (tmp_path / "u.csv").write_text("date,A\n2024-01-03,1.5\n2024-01-02,2\n")
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "accounts: {DU1: {}}\ninstruments:\n"
        f"  A: {{con_id: 1, name: A, primary_exchange: N, last: 5, path: {path}}}\n"
    )
    found_scenario, found = load_file(file)
    assert found_scenario is None
    (only,) = found
    assert part in only.summary
    assert only.location
    line = file.read_text().splitlines()[2]
    assert (only.location.line, only.location.column) == (3, line.index(place, line.index("path")) + 1)


def test_a_walk_needs_a_price_to_begin_at() -> None:
    text = TEXT.replace("NO PRICE AT ALL, primary", "NO PRICE, path: {walk: {volatility: 1}}, primary")
    _, found = load(text, "bad.yaml")
    assert [each.summary for each in found] == ["a walk needs a last price to begin at"]


def test_a_replay_in_a_market_that_never_closes_moves_at_midnight_and_ends_with_its_table() -> None:
    prices = tuple(Decimal(price) for price in (5, 6, 7))
    course = Closes(prices).begin(0, instrument())
    midnight = datetime(2026, 3, 5, 5, tzinfo=UTC)
    assert course.next_after(STARTED) == midnight
    assert course.move(Quote()) == {"last": 6, "close": 5}
    assert course.next_after(midnight) == midnight + timedelta(days=1)
    assert course.move(Quote()) == {"last": 7, "close": 6}
    assert course.next_after(midnight) is None
    assert always_open().liquid.unbroken


START, DAYS = "2020-01-02", 252


def replayed() -> str:
    """A margin account that holds all stocks of the table on a loan."""
    with TABLE.open() as lines:
        names = lines.readline().strip().split(",")[1:]
    held = ", ".join(f"{name}: {{quantity: {10 + place}}}" for place, name in enumerate(names))
    lines_of = [
        f"  {name}: {{con_id: {100 + place}, name: {name}, primary_exchange: NYSE, spread: 0.02, "
        f"path: {{closes: {{file: {TABLE}, column: {name}, start: {START}}}}}}}"
        for place, name in enumerate(names)
    ]
    return "\n".join(
        [
            "smooth: true",
            "hours: us-stocks",
            f"accounts: {{{ACCOUNT}: {{cash: {{USD: -9000}}, positions: {{{held}}}}}}}",
            "pacing: {messages_per_second: 0}",
            "instruments:",
            *lines_of,
            "",
        ]
    )


def by_hand() -> list[dict[str, Decimal]]:
    """The rows of the table from the start on, read by nothing that the gateway uses."""
    with TABLE.open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["date"] >= START]
    return [{name: Decimal(price) for name, price in row.items() if name != "date"} for row in rows]


def test_a_year_of_nineteen_stocks_on_a_loan_follows_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody listens: working all values out every three minutes would only cost the test its time.
    monkeypatch.setattr(reporting, "REFRESH_SECONDS", 86_400.0)

    async def run() -> None:
        bench = Bench(replayed())
        session = Session(bench.broker, Wire())
        session.receive(b"API\0\0\0\0\x09v157..178")
        say(session, 71, 2, 1, "")
        rows, cash = by_hand(), Decimal(-9000)
        shares = {name: Decimal(10 + place) for place, name in enumerate(rows[0])}
        closes = 0
        for hour in range(24 * 366):
            moved = bench.clock.now().astimezone(UTC)
            before = bench.broker.market.quote(100).last, bench.broker.market.quote(118).last
            value = sum((shares[name] * price for name, price in rows[closes].items()), cash)
            assert figures(bench.broker.ledgers[ACCOUNT], bench.broker.market).net_liquidation == value, moved
            if hour == 24 * 100 + 1:
                # Buy more on the loan, at the ask: a cent above the row of the day.
                say(session, 3, 1, *order(100, "BUY", 5))
                await turns()
                cash -= 5 * (rows[closes]["AAPL"] + Decimal("0.01")) + 1
                shares["AAPL"] += 5
            bench.clock.step(3600)
            if (bench.broker.market.quote(100).last, bench.broker.market.quote(118).last) != before:
                closes += 1
        assert closes == pytest.approx(DAYS, abs=3)

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_sees_the_next_close_when_the_session_ends() -> None:
    async def run() -> None:
        rows, module = by_hand(), library.load()
        clock = SteppedClock(STARTED)
        async with serve(scenario(replayed()), clock=clock) as served, library.connected(served) as ib:
            ticker = ib.reqMktData(module.Contract(conId=100, exchange="SMART"))
            await until(lambda: ticker.last == float(rows[0]["AAPL"]))
            clock.step(6 * 3600 - 1)
            await turns()
            assert served.broker.market.quote(100).last == rows[0]["AAPL"]
            clock.step(1)
            await until(lambda: ticker.last == float(rows[1]["AAPL"]) and ticker.close == float(rows[0]["AAPL"]))

    asyncio.run(run())
