"""Files that mean harm, or are no manifests at all, end in a diagnostic: in time, and in bounded memory."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

MEMORY = 1 << 30
"""Bytes of address space that the command may take; a bomb takes more."""

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: *a{n - 1}\n" for n in range(1, 60)
)

FILES: dict[str, tuple[bytes, str]] = {
    "a hundred megabytes of NUL": (b"", "YML004"),
    "a hundred megabytes of text": (b"# x\n" * 25_000_000, "YML004"),
    "eleven million characters": (b"#" * 11_000_000, "YML004"),
    "a bomb": (BOMB.encode(), "YML004"),
    "a bomb of merges": (MERGES.encode(), "YML004"),
    "brackets in brackets": (b"[" * 5_000_000, "YML004"),
    "braces in braces": (b"{a: " * 2_000_000, "YML004"),
    "dashes behind dashes": (b"- " * 3_000_000, "YML004"),
    "questions behind questions": (b"? " * 3_000_000, "YML004"),
    "a million values": (b"[" + b"1," * 1_200_000 + b"1]", "YML004"),
    "one long line": (b"a: " + b"x" * 9_000_000, "MAN002"),
    "one long quoted line": (b'"' + b"\\u0041" * 1_500_000, "YML001"),
    "a key that is long": (b"k" * 2_000_000 + b": 1", "YML001"),
    "many documents": (b"--- 1\n" * 200_000, "MAN022"),
    "many errors": (b"---\na: ]\n" * 200_000, "YML001"),
    "many anchors": (b"".join(b"a%d: &a%d x\n" % (n, n) for n in range(200_000)), "MAN002"),
    "a NUL": (b"apiVersion: folioctl/v1\x00\n", "YML001"),
    "UTF-16": ("kind: Portfolio\n".encode("utf-16"), "YML003"),
    "half of a character": (b"kind: \xe2\x82\n", "YML003"),
    "only line ends": (b"\r\n\r\r\n\n" * 1000, "MAN021"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100, "YML003"),
}


HEAVY = {"many errors", "a million values", "many anchors", "only line ends"}
"""What takes seconds, or is told of a directory that holds nothing else."""


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def codes_of(directory: Path, files: dict[str, bytes]) -> dict[str, set[str]]:
    """The codes that `folioctl validate` tells of each file, all of them read by one command in bounded memory."""
    manifests = directory / "desired-state"
    manifests.mkdir()
    for number, (name, raw) in enumerate(files.items()):
        with (manifests / f"{number}.yaml").open("wb") as stream:
            stream.write(raw)
            if name == "a hundred megabytes of NUL":
                stream.truncate(100_000_000)
    command = [sys.executable, "-m", "cli", "validate", "--json", "-C", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, preexec_fn=limited)
    assert done.stderr == ""
    assert done.returncode == 1
    found = json.loads(done.stdout)["diagnostics"]
    return {
        name: {each["code"] for each in found if Path(each["location"]["file"]).name == f"{number}.yaml"}
        for number, name in enumerate(files)
    }


def test_each_ends_in_a_diagnostic(tmp_path: Path) -> None:
    light = {name: raw for name, (raw, _) in FILES.items() if name not in HEAVY}
    told = codes_of(tmp_path, light)
    assert {name: FILES[name][1] for name in light if FILES[name][1] not in told[name]} == {}


@pytest.mark.full
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", FILES)
def test_each_by_itself_ends_in_a_diagnostic(tmp_path: Path, name: str) -> None:
    raw, code = FILES[name]
    if code == "MAN021":
        assert codes_of(tmp_path, {name: raw}) == {name: set()}  # it is told of the directory
    else:
        assert code in codes_of(tmp_path, {name: raw})[name]
