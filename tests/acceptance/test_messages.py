"""What a plan costs the gateway in messages: the account's own reads, and no more than the lines need."""

from pathlib import Path

import pytest

from tests.acceptance.stage import SHIPPED_SCENARIOS, Json, Stage, stage

pytestmark = pytest.mark.broker

QUOTES, WHAT_IFS, CONTRACTS = "1", "3", "9"
OWN_READS = {"71": 1, "6": 2, "61": 1, "64": 1, "16": 1, "7": 1}
"""The login, account values and positions with their ends, open orders, today's executions: once for a plan."""

LOCK = """\
apiVersion: folioctl/v1
kind: ContractLock
contracts:
"""
LOCKED = """\
  - {{conId: {con_id}, symbol: {symbol}, currency: USD, orderTypes: [MKT, LMT], increments: [{{from: 0, step: 0.01}}]}}
"""
CON_IDS = {"MSFT": 272093, "NVDA": 4815747, "TSLA": 76792991, "GLD": 51529211, "AVGO": 313130367, "ORCL": 272800}


def sent(on: Stage, *arguments: str) -> tuple[Json, dict[str, int]]:
    """The plan, and what it took, by message id."""
    before = on.gateway.ask("frames")["in"]
    document = on.run("plan", "--json", *arguments).document
    after = on.gateway.ask("frames")["in"]
    return document, {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)}


def allowed(document: Json, *, missing: int) -> dict[str, int]:
    """One live quote and one what-if per line that trades, one quote per other instrument that the portfolio has no
    price of, one per instrument that the lock file does not know.
    """
    (account,) = document["accounts"]
    trading = [line for line in account["lines"] if line["quantity"]["order"] != "0"]
    unpriced = [
        line
        for line in account["lines"]
        if line not in trading and line["quantity"]["current"] == "0" and line["kind"] == "target"
    ]
    orders = sum(len(batch["orders"]) for batch in account["batches"])
    counted = {QUOTES: len(trading) + len(unpriced), WHAT_IFS: orders, CONTRACTS: missing}
    return {key: count for key, count in (OWN_READS | counted).items() if count}


def test_a_plan_sends_what_its_lines_need_and_no_more(small: Stage) -> None:
    document, counted = sent(small)

    assert document["summary"]["changes"] == 5
    assert counted == allowed(document, missing=6)


def test_what_the_lock_file_knows_is_not_asked_for(small: Stage) -> None:
    entries = "".join(LOCKED.format(con_id=con_id, symbol=symbol) for symbol, con_id in CON_IDS.items())
    (small.manifests / "contracts.lock.yaml").write_text(LOCK + entries)

    document, counted = sent(small)

    assert document["summary"]["changes"] == 5
    assert counted == allowed(document, missing=0)


def test_a_line_that_rests_costs_nothing(small: Stage) -> None:
    """Its mark in the portfolio sizes it: five quotes become one where one line may trade."""
    document, counted = sent(small, "--target", "GLD")

    assert document["summary"]["changes"] == 1
    # ORCL is not held, so that without a quote nobody knows what it is worth.
    assert (counted[QUOTES], counted[WHAT_IFS]) == (2, 1)
    assert counted == allowed(document, missing=6)


def test_nothing_to_do_asks_for_no_price_at_all(small: Stage) -> None:
    small.run("apply", "--auto-approve").expect(0)

    document, counted = sent(small)

    assert document["summary"]["changes"] == 0
    assert counted == allowed(document, missing=6)


def test_another_currency_takes_its_pair_besides(tmp_path: Path) -> None:
    with stage(tmp_path, SHIPPED_SCENARIOS / "cad.yaml") as canadian:
        canadian.edit("account.yaml", "baseCurrency: USD", "baseCurrency: CAD")

        document, counted = sent(canadian)

        (account,) = document["accounts"]
        lines = [line for line in account["lines"] if line["kind"] == "target"]
        assert counted[CONTRACTS] == len(lines) + 1
        assert counted == allowed(document, missing=len(lines) + 1)
