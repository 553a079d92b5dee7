"""`folioctl gateway` as a process: its first lines, its exits."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.simgateway.quirks import QUIRKS

COMMAND = "import typer; from cli.commands.gateway import gateway; typer.run(gateway)"


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_says_where_it_listens_and_ends_orderly(ending: signal.Signals, code: int) -> None:
    with serving("--port", "0", "--control", "0") as process:
        first, second = line(process), line(process)
        assert first.startswith("listening on 127.0.0.1:")
        assert second.startswith("control on 127.0.0.1:")
        with socket.create_connection(("127.0.0.1", int(second.rpartition(":")[2])), timeout=5) as control:
            control.sendall(b'{"do": "ledger"}\n')
            answer = json.loads(control.makefile().readline())
        assert answer["accounts"]["DU1000001"]["net_liquidation"] == "100000.00"
        with socket.create_connection(("127.0.0.1", int(first.rpartition(":")[2])), timeout=5) as api:
            api.sendall(b"API\0\0\0\0\x09v157..178")
            assert api.recv(8)[4:] == b"178\0"
            process.send_signal(ending)
            _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (code, "")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_bad_scenario_is_told_in_full(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("accounts: {DU1: {cahs: {}}}\ninstruments:\n  A: {con_id: x, name: A, primary_exchange: N}\n")
    ended = run("--scenario", str(file))
    assert (ended.returncode, ended.stdout) == (1, "")
    lines = ended.stderr.splitlines()
    assert [each.partition(": error")[0] for each in lines] == [f"{file}:1:18", f"{file}:3:15"]


MISTAKES = """accounts:
  DU1: {cash: {JPY: ten}, positions: {A: {average_cost: 5}}}
instruments:
  A: {con_id: -1, name: A, primary_exchange: N, last: 0.123456789}
  B: {con_id: 2, primary_exchange: N, market_data: alive}
quirks: [no-brain]
smoth: true
pacing: {messages_per_second: fast}
script:
  - {at: noon, close: {}}
  - {after: {fills: 0}, execute: {share: 2}}
"""


def test_a_dozen_mistakes_are_told_at_once_each_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(MISTAKES)
    ended = run("--scenario", str(file))
    assert (ended.returncode, ended.stdout) == (1, "")
    told = [each.removeprefix(f"{file}:").replace(": error: ", " ", 1) for each in ended.stderr.splitlines()]
    assert told == [
        "2:21 accounts.DU1.cash.JPY must be a number, not 'ten' [SCN003]",
        "2:39 key 'quantity' is missing in accounts.DU1.positions.A [SCN002]",
        "4:15 instruments.A.con_id must be above 0, not '-1' [SCN005]",
        "4:55 instruments.A.last decimal input should have no more than 8 decimal places, not '0.123456789' [SCN005]",
        "5:3 key 'name' is missing in instruments.B [SCN002]",
        "5:52 instruments.B.market_data must be one of live, delayed, none, not 'alive'. Did you mean 'live'? [SCN004]",
        "6:10 quirks[0] is wrong: there is no quirk 'no-brain', did you mean 'no-price'? [SCN006]",
        "7:1 unknown key 'smoth'. Did you mean 'smooth'? [SCN001]",
        "8:31 pacing.messages_per_second must be a whole number, not 'fast' [SCN003]",
        "10:10 script[0].at must be a time such as '10:00:05' or '2026-03-04T10:00:05' [SCN006]",
        "11:21 script[1].after.fills must be at least 1, not '0' [SCN005]",
        "11:42 script[1].execute.share must be at most 1, not '2' [SCN005]",
    ]


def test_a_missing_scenario_is_one_line(tmp_path: Path) -> None:
    ended = run("--scenario", str(tmp_path / "none.yaml"))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--port", str(taken.getsockname()[1]))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == ["cannot listen on 127.0.0.1: " + ended.stderr.strip().partition(": ")[2]]


def test_a_stepped_clock_a_seed_an_oldest_version_and_a_recording(tmp_path: Path) -> None:
    def recorded(name: str) -> str:
        file = tmp_path / name
        options = ("--clock", "stepped", "--seed", "5", "--max-version", "165", "--record", str(file))
        with serving("--port", "0", "--control", "0", *options) as process:
            api_port, control_port = (int(line(process).rpartition(":")[2]) for _ in range(2))
            with (
                socket.create_connection(("127.0.0.1", control_port), timeout=5) as control,
                socket.create_connection(("127.0.0.1", api_port), timeout=5) as api,
            ):
                control.sendall(b'{"do": "step", "seconds": 90}\n')
                assert json.loads(control.makefile().readline())["now"] == "2026-01-05T15:01:30+00:00"
                api.sendall(b"API\0\0\0\0\x09v157..178")
                assert api.recv(64)[4:] == b"165\x0020260105 15:01:30 UTC\0"
                process.send_signal(signal.SIGTERM)
                _, errors = process.communicate(timeout=10)
            assert (process.returncode, errors) == (0, "")
        return file.read_text()

    first = recorded("a.jsonl")
    assert first == recorded("b.jsonl")
    head, *rest = [json.loads(each) for each in first.splitlines()]
    assert head == {"started": "2026-01-05T15:00:00Z", "max_version": 165, "seed": 5, "recording": 1}
    assert [(each["direction"], each["seconds"]) for each in rest] == [("control", 0.0), ("open", 90.0)]


def test_an_accelerated_clock_needs_no_steps() -> None:
    with serving("--port", "0", "--control", "0", "--clock", "x3600") as process:
        line(process)
        control_port = int(line(process).rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", control_port), timeout=5) as control:
            control.sendall(b'{"do": "step", "seconds": 90}\n')
            assert json.loads(control.makefile().readline())["error"] == "the clock is not a stepped one"


@pytest.mark.parametrize("clock", ["x", "x0", "xten", "fast"])
def test_a_clock_that_there_is_not(clock: str) -> None:
    ended = run("--clock", clock)
    assert ended.returncode == 2
    assert "is none of real, stepped and x2 to x9999" in " ".join(ended.stderr.replace("│", " ").split())


def test_a_recording_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    ended = run("--port", "0", "--record", str(tmp_path / "none" / "a.jsonl"))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


RECORDING = """\
{"started": "2026-01-05T15:00:00Z", "max_version": 178, "seed": 5, "recording": 1}
{"seconds": 0.0, "direction": "open", "client_id": -1, "fields": ["v157..178"], "connection": 1}
{"seconds": 1.0, "direction": "in", "client_id": -1, "fields": ["71", "2", "1", ""], "connection": 1}
"""
OUT = '{"seconds": 1.0, "direction": "out", "client_id": 1, "fields": [%s], "connection": 1}\n'
ACCOUNTS, NEXT_ID = '"15", "1", "DU1000001"', '"9", "1", "1"'
FARMS = [
    '"4", "2", "-1", "2104", "Market data farm connection is OK:usfarm", ""',
    '"4", "2", "-1", "2106", "HMDS data farm connection is OK:ushmds", ""',
    '"4", "2", "-1", "2158", "Sec-def data farm connection is OK:secdefnj", ""',
]


def test_a_replay_without_differences_says_nothing_and_ends_with_0(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    file.write_text(RECORDING + "".join(OUT % each for each in (ACCOUNTS, NEXT_ID, *FARMS)))
    ended = run("--replay", str(file))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_replay_prints_its_differences_and_ends_with_1(tmp_path: Path) -> None:
    file, scenario = tmp_path / "session.jsonl", tmp_path / "other.yaml"
    file.write_text(RECORDING + "".join(OUT % each for each in (ACCOUNTS, NEXT_ID, *FARMS[:2])))
    scenario.write_text(
        "accounts: {DU7: {cash: {USD: 1}}}\ninstruments: {A: {con_id: 1, name: A, primary_exchange: NYSE}}\n"
    )
    ended = run("--replay", str(file), "--scenario", str(scenario))
    assert (ended.returncode, ended.stderr) == (1, "")
    first, last = ended.stdout.splitlines()
    assert first == "line 4, connection 1: recorded ('15', '1', 'DU1000001'), answered ('15', '1', 'DU7')"
    assert last.startswith("line 0, connection 1: recorded None, answered ('4', '2', '-1', '2158'")


@pytest.mark.parametrize("content", [None, b"", b"listening on 127.0.0.1:4002\n", b"\xff\xfe"])
def test_what_cannot_be_replayed_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "session.jsonl"
    if content is not None:
        file.write_bytes(content)
    ended = run("--replay", str(file))
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert str(file) in ended.stderr


def test_the_quirks_are_listed_and_nothing_is_served() -> None:
    ended = run("--list-quirks")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [each for each in ended.stdout.splitlines() if not each.startswith("    ")] == [
        quirk.usage for quirk in QUIRKS.values()
    ]


def test_the_quirks_are_listed_as_one_document() -> None:
    ended = run("--list-quirks", "--json")
    document = json.loads(ended.stdout)
    assert (document["kind"], document["format_version"]) == ("Quirks", "1.0")
    listed = {each["name"]: each for each in document["quirks"]}
    assert list(listed) == list(QUIRKS)
    assert listed["no-end"]["values"]["END"][0] == "positions"
    assert listed["reject"]["usage"] == "reject:CODE[:SYM][@N]"


def test_json_without_a_list_is_a_mistake() -> None:
    ended = run("--json")
    assert ended.returncode != 0
    assert "--list-quirks" in ended.stderr
