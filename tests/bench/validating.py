"""`folioctl validate` against `check-jsonschema` on the same thousand manifests, and its growth to 50,000 targets.

The thousand manifests are measured as they are, and with a mistake in every tenth, so that places are asked for.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.telling import goal, tell
from tests.bench.timing import ratio

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "v1" / "Portfolio.json"
BIN = Path(sys.executable).parent

MANIFESTS, TARGETS = 1_000, 50
SMALL, LARGE = 25_000, 50_000

HEAD = "apiVersion: folioctl/v1\nkind: Portfolio\nmetadata:\n  name: p{}\nspec:\n  targets:\n"


def portfolio(number: int, targets: int) -> str:
    """Half of the targets in braces, half of them in blocks; their weights sum to 100%."""
    weight = f"{100 / targets:g}%"
    lines = (
        f"    - {{symbol: S{each}, weight: {weight}}}\n"
        if each % 2
        else f"    - symbol: S{each}\n      weight: {weight}\n"
        for each in range(targets)
    )
    return HEAD.format(number) + "".join(lines)


def repository(directory: Path, manifests: int, targets: int) -> list[Path]:
    """A repository with so many portfolios of so many targets; the portfolios' files."""
    state = directory / "desired-state"
    state.mkdir()
    for each in ("execution-policy", "gateway", "risk-limits"):
        (state / f"{each}.yaml").write_text((ROOT / "desired-state" / f"{each}.yaml").read_text())
    account = (ROOT / "desired-state" / "account.yaml").read_text()
    (state / "account.yaml").write_text(account.replace("portfolio: growth", "portfolio: p0"))
    files = [state / f"p{number}.yaml" for number in range(manifests)]
    for number, file in enumerate(files):
        file.write_text(portfolio(number, targets))
    return files


def validate(directory: Path) -> Callable[[], object]:
    return lambda: _run(BIN / "folioctl", "validate", "-C", directory)


def check_jsonschema(files: list[Path]) -> Callable[[], object]:
    return lambda: _run(BIN / "check-jsonschema", "--schemafile", SCHEMA, *files)


def _run(*words: str | Path) -> None:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise RuntimeError(done.stderr)


def lines() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as made:
        yield from _against_the_other(Path(made))
    with tempfile.TemporaryDirectory() as made:
        yield from _growth(Path(made))


def _against_the_other(directory: Path) -> Iterator[str]:
    files = repository(directory, MANIFESTS, TARGETS)
    for what in ("in order", "with a mistake in every tenth"):
        share, ours, theirs = ratio(validate(directory), check_jsonschema(files), rounds=3)
        told = f"{MANIFESTS:,} manifests of {TARGETS} targets {what}"
        yield f"validate  {told}: {ours:.2f} s, check-jsonschema {theirs:.2f} s"
        yield goal(share <= 0.25, f"at most a quarter of check-jsonschema's time: {share:.3f} ×")
        for file in files[::10]:
            file.write_text(file.read_text().replace("symbol: S7,", "symbl: S7,"))


def _growth(directory: Path) -> Iterator[str]:
    small, large, least = (directory / name for name in ("small", "large", "least"))
    for each, targets in ((small, SMALL), (large, LARGE), (least, 1)):
        each.mkdir()
        repository(each, 1, targets)
    _, start, _ = ratio(validate(least), validate(least), rounds=3)
    _, slow, fast = ratio(validate(large), validate(small), rounds=3)
    factor = (slow - start) / (fast - start)
    yield f"validate  {LARGE:,} targets in one file: {slow:.2f} s, {SMALL:,}: {fast:.2f} s, one: {start:.2f} s"
    yield goal(factor <= 2.3, f"twice the targets take at most 2.3 times the time beyond the start: {factor:.2f} ×")


if __name__ == "__main__":
    for line in lines():
        tell(line)
