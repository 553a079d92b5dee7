"""A halt in the middle of a run, by another process: the very next send does not happen, by the gateway's own books."""

import pytest

from tests.acceptance.stage import Json, Stage, lines_of

pytestmark = pytest.mark.broker

HALT = ("halt", "--reason", "prices look wrong")


def halted_by_ann(document: Json) -> str:
    """The message of the run's report that tells of the halt."""
    (message,) = [each for each in document["messages"] if "halted by ann since 2" in each]
    assert "prices look wrong" in message
    return str(message)


@pytest.mark.parametrize("scope", [[], pytest.param(["--account", "main"], marks=pytest.mark.full)])
def test_in_mid_batch_it_stops_the_next_send_and_cancels_nothing(ann: Stage, scope: list[str]) -> None:
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve", "--sequential", "--json")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 1)
    ann.run(*HALT, *scope).expect(0)
    (first,) = ann.gateway.orders
    assert first["status"] == "Submitted"

    ann.gateway.ask("fill")
    document = applying.end().expect(6).document

    assert document["outcome"] == "PartiallyApplied"
    assert "stopped before" in halted_by_ann(document)
    assert [order["order_ref"] for order in ann.gateway.orders] == [first["order_ref"]]
    assert (ann.gateway.orders[0]["status"], document["summary"]["filled"]) == ("Filled", 1)
    assert document["summary"]["never_sent"] == 4
    assert "not closed" not in ann.run("runs", "list").stdout
    ann.run("apply", "--auto-approve").expect(3)
    ann.run("resume", *scope).expect(0)
    ann.run("apply", "--auto-approve").expect(0)
    refs = [order["order_ref"] for order in ann.gateway.orders]
    assert len(refs) == len(set(refs)) == 5


def test_between_the_batches_it_starts_no_other(ann: Stage) -> None:
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve", "--json")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)
    ann.run(*HALT).expect(0)
    ann.gateway.ask("fill")
    document = applying.end().expect(6).document

    assert "batch 2 was not started" in halted_by_ann(document)
    assert ann.gateway.traded() == {"NVDA": -12, "TSLA": -4}


def test_with_cancel_the_run_cancels_what_it_sent_and_both_say_so(ann: Stage) -> None:
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve", "--json")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)

    halted = ann.run(*HALT, "--cancel", "--json").expect(0).document
    document = applying.end().expect(6).document

    assert [order["status"] for order in ann.gateway.orders] == ["Cancelled", "Cancelled"]
    assert halted_by_ann(document)
    assert {lines_of(document)[name]["order_state"] for name in ("NVDA", "TSLA")} == {"Cancelled"}
    assert [(each["account"], each["unconfirmed"]) for each in halted["cancellations"]] == [("main", [])]
    assert "not closed" not in ann.run("runs", "list").stdout


def test_what_a_killed_process_left_working_is_cancelled(ann: Stage) -> None:
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)
    applying.kill()

    document = ann.run(*HALT, "--cancel", "--json").expect(0).document

    (cancelled,) = document["cancellations"]
    assert {order["symbol"] for order in cancelled["orders"]} == {"NVDA", "TSLA"}
    assert cancelled["unconfirmed"] == []
    assert [order["status"] for order in ann.gateway.orders] == ["Cancelled", "Cancelled"]
    assert ann.gateway.traded() == {}


@pytest.mark.parametrize("quirk", [pytest.param("cancel:161", marks=pytest.mark.full), "cancel:silent"])
def test_a_cancel_that_is_not_confirmed_is_said_and_is_6(ann: Stage, quirk: str) -> None:
    ann.policy("\n  timeouts: {acknowledgement: 2s}\n")
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)
    applying.kill()
    ann.gateway.quirk(quirk)

    ended = ann.run(*HALT, "--cancel", "--json").expect(6)

    (cancelled,) = ended.document["cancellations"]
    assert all("still works" in words for words in cancelled["unconfirmed"])
    assert cancelled["unconfirmed"]
    assert len(ann.gateway.orders) == 2
    ann.run("apply", "--auto-approve").expect(3)


@pytest.mark.full
def test_without_a_gateway_a_cancel_is_not_confirmed_and_the_halt_stands(ann: Stage) -> None:
    ann.policy("\n  timeouts: {connect: 1s}\n")
    ended = ann.run(*HALT, "--cancel", "--json", FOLIOCTL_GATEWAY="127.0.0.1:1").expect(6)
    (cancelled,) = ended.document["cancellations"]
    assert "nothing could be read or cancelled" in cancelled["unconfirmed"][0]
    ann.run("apply", "--auto-approve").expect(3)
    assert ann.gateway.orders == []
