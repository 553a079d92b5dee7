"""Whatever the files hold, loading answers with values: never a traceback, never a state beside an error."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import diagnostics
from reconciler.manifests import load
from reconciler.manifests.codes import CODES
from tests.unit.manifests.composed import ALL_WAYS
from tests.unit.manifests.repository import GOOD, write

FRAGMENTS = [
    "[", "]", "{", "}", ":", ": ", "- ", "\n", "\t", "&a ", "*a", "<<: *a", "!x ", "!!int ", "%YAML 1.1\n", "---\n",
    "...\n", '"', "'", "|\n", ">\n", "? ", "#", "~", ".nan", "-.inf", "1e99", "0x", "0o8", "\ufeff", "\x00", "\x85",
    "true", "13%", "-1%", "U1234567", "kind", "spec", "weight", "%TAG ! tag:x,2000:\n", '"\\U99999999"', "1:30",
]  # fmt: skip
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def check(directory: Path) -> None:
    state, found = load(directory)
    assert (state is None) == diagnostics.has_errors(found)
    assert list(found) == list(diagnostics.in_order(found))
    for each in found:
        assert each.code in CODES
        assert str(each).isprintable()


@QUIET
@given(raw=st.binary(max_size=200))
def test_any_bytes(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(raw)
    check(tmp_path)


@QUIET
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_any_text(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    check(tmp_path)


@QUIET
@given(data=st.data())
def test_any_change_of_a_good_repository(data: st.DataObject, tmp_path: Path) -> None:
    files = data.draw(st.sampled_from((GOOD, ALL_WAYS)))
    name = data.draw(st.sampled_from(sorted(files)))
    text = files[name]
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 12)))
    piece = data.draw(st.sampled_from(FRAGMENTS) | st.text(max_size=5))
    directory = write(tmp_path / str(len(files)), files)
    (directory / name).write_bytes((text[:begin] + piece + text[end:]).encode("utf-8", errors="surrogatepass"))
    check(directory)


@QUIET
@given(data=st.data())
def test_any_value_in_any_place(data: st.DataObject, tmp_path: Path) -> None:
    files = data.draw(st.sampled_from((GOOD, ALL_WAYS)))
    name = data.draw(st.sampled_from(sorted(name for name in files if not name.endswith(".csv"))))
    lines = files[name].splitlines()
    number = data.draw(st.sampled_from([index for index, line in enumerate(lines) if ": " in line]))
    key, _, _ = lines[number].partition(": ")
    value = data.draw(st.sampled_from(FRAGMENTS) | st.integers().map(str) | st.floats().map(str) | st.text(max_size=8))
    lines[number] = f"{key}: {value}"
    directory = write(tmp_path / str(len(files)), files)
    (directory / name).write_bytes("\n".join(lines).encode("utf-8", errors="surrogatepass"))
    check(directory)


@pytest.mark.parametrize("depth", [10, 1000, 30000])
def test_deep_nesting(depth: int, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("[" * depth + "]" * depth)
    check(tmp_path)
    (tmp_path / "x.yaml").write_text("a: " + "{b: " * depth)
    check(tmp_path)
