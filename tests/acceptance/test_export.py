"""The trail of runs, from the journal alone, held against the gateway's own books."""

import csv
import io
import json
import stat
from decimal import Decimal

import jsonschema
import pytest

from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import ACCOUNT_ID, REPOSITORY, Stage

pytestmark = pytest.mark.broker


def test_every_execution_of_the_gateway_is_in_it_once(small: Stage) -> None:
    assert run_here(small, "runs", "export").expect(0).stdout == ""
    run = small.run("apply", "--auto-approve", "--json").expect(0).document
    sent = {order["order_ref"]: order for order in small.gateway.orders}

    told = [json.loads(line) for line in run_here(small, "runs", "export").expect(0).stdout.splitlines()]

    schema = json.loads((REPOSITORY / "schemas/v1/documents/Trail.json").read_text())
    for line in told:
        jsonschema.Draft202012Validator(schema).validate(line)
    assert {line["run"] for line in told} == {run["id"]}
    assert {line["manifests"] for line in told} == {run["revision"]["manifests"]}
    assert {line["order_ref"] for line in told} == sent.keys()
    ids = [line["exec_id"] for line in told]
    assert len(ids) == len(set(ids)) == sum(len(order["executions"]) for order in sent.values())
    for ref, order in sent.items():
        shares = sum(Decimal(line["shares"]) for line in told if line["order_ref"] == ref)
        assert shares == Decimal(order["filled"])
    assert {line["batch"] for line in told} == {1, 2}
    paid = sum(Decimal(line["commission"]["amount"]) for line in told)
    assert [str(paid)] == [each["amount"] for each in run["summary"]["commission"]]
    assert ACCOUNT_ID not in json.dumps(told)

    out = small.directory / "trail.csv"
    run_here(small, "runs", "export", "--csv", "--account", "main", "--since", "2020-01-01", "-o", str(out)).expect(0)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [row["exec_id"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ids
    assert run_here(small, "runs", "export", "--account", "side").expect(0).stdout == ""
    assert run_here(small, "runs", "export", "--since", "2999-01-01T00:00Z").expect(0).stdout == ""


def test_what_cannot_be_written_or_is_no_time_is_said(small: Stage) -> None:
    assert "cannot be written" in one_line(run_here(small, "runs", "export", "-o", "nowhere/trail").expect(1))
    assert "--since" in one_line(run_here(small, "runs", "export", "--since", "monday").expect(64))
