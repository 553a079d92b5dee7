"""An apply against the gateway's quirks: how it ends, and that a second one finishes the work and doubles nothing."""

import pytest

from tests.acceptance.stage import DRIFT_OF_SMALL, FIRST_BATCH, Stage

pytestmark = [pytest.mark.broker, pytest.mark.full]

SHORT = "\n  timeouts: {request: 1s, acknowledgement: 2s, fill: 3s, settle: 2s}\n"
ALL = set(DRIFT_OF_SMALL)
SECOND_SELL = {FIRST_BATCH[1]}

OUTCOMES: list[tuple[str, int, set[str]]] = [
    # Without margins that can be relied on nothing is sent.
    ("what-if:two-step", 3, set()),
    ("what-if:unset", 3, set()),
    ("what-if:blank", 3, set()),
    ("what-if:silent", 3, set()),
    ("what-if:110", 3, set()),
    ("what-if:201", 3, set()),
    ("what-if:321:GLD", 3, set()),
    # The margins are there; that is what counts.
    ("what-if:one-step", 0, ALL),
    ("what-if:no-commission", 0, ALL),
    # A code that sounds like an error ends no order.
    ("warning:2109", 0, ALL),
    ("warning:2137", 0, ALL),
    ("warning:10311", 0, ALL),
    ("warning:10349", 0, ALL),
    # Fills count by their executions, whatever the statuses say.
    ("filled-first", 0, ALL),
    ("no-status", 0, ALL),
    ("double-status", 0, ALL),
    ("commission:late", 0, ALL),
    # A refused sell funds no buys.
    ("reject:201:NVDA", 6, SECOND_SELL),
    ("reject:110@1", 6, SECOND_SELL),
    ("reject:103@1", 6, SECOND_SELL),
    ("reject:10243@1", 6, SECOND_SELL),
    ("reject:321@1", 6, SECOND_SELL),
    ("reject:463@1", 6, SECOND_SELL),
    ("reject:200:GLD", 6, ALL - {"GLD"}),
    # An order that is held is cancelled in the end; one that was made smaller is over, and funds no buys either.
    ("warning:399:NVDA", 6, SECOND_SELL),
    ("warning:404:NVDA", 6, SECOND_SELL),
    ("warning:481:NVDA", 6, {"NVDA"} | SECOND_SELL),
    # Nothing was ever heard of it: not sent again in this session, and found never to have arrived in the next.
    ("silent-drop:NVDA", 6, SECOND_SELL),
    # What was on the wire is looked up, not sent again.
    ("lost-ack@1", 6, {"NVDA"}),
    ("port-reset@1", 6, {"NVDA"}),
]
"""The quirk, how apply ends, and what has traded then."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("quirk", "code", "traded"), OUTCOMES, ids=[each[0] for each in OUTCOMES])
def test_an_apply_ends_as_stated_and_the_next_doubles_nothing(
    small: Stage, quirk: str, code: int, traded: set[str]
) -> None:
    small.policy(SHORT)
    small.gateway.quirk(quirk)
    small.run("apply", "--auto-approve", "--json").expect(code)
    assert {symbol for symbol, shares in small.gateway.volume().items() if shares} == traded
    small.gateway.ask("quirk", clear=quirk)
    small.run("apply", "--auto-approve", "--json").expect(0)
    assert small.gateway.volume() == {symbol: abs(shares) for symbol, shares in DRIFT_OF_SMALL.items()}
    references = [order["order_ref"] for order in small.gateway.orders]
    assert len(references) == len(set(references))
