"""Mutations of good manifests, each made from its number alone: of bytes, of structure, of values."""

import json
import random
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from reconciler import yamlsource
from tests.unit.manifests.repository import GOOD

NASTY = [
    "", "~", "null", "true", "NO", "ON", "y", "0", "-0", "1e99", "1e-99", "9" * 60, ".inf", "-.inf", ".nan",
    "0x1F", "0b1", "010", "1_000", "13%", "-1%", "%", "1,5", "1.2.3", "2026-01-31", "12:30", "=", "<<", "*a",
    "&a x", "!x y", "!!int five", "!!binary aGk=", "[", "]", "{", "}", "[]", "{}", "[[]]", "{a: {}}", "'", '"',
    '"\\x00"', '"\\U0001F680"', '"\\ud800"', "|", ">", "|\n  x", "- x", "? x", ": x", "# x", "@x", "`x`", "\t",
    "\x00", "\x07", "\x85", "\u2028", "\ufeff", "\U0001f680", "U1234567", "DU1234567", "x" * 5000, "ünïcode",
    "../../etc/passwd", "${HOME}", "$(id)", "{{ x }}", "<script>", "\x1b[31m",
]  # fmt: skip
PIECES = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\t", b"\r", b"\r\n", b"\n", b"---\n", b"...\n", b"%YAML 1.1\n",
    b"<<: *a\n", b"&a ", b"*a", b": ", b"- ", b"? ", b"[", b"{", b"]", b"}", b"'", b'"', b"#", b"!", b"|", b">",
    b"  ", b"\xc3", b"\xe2\x80\xa8",
]  # fmt: skip
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"]

Files = dict[str, bytes]
Chance = random.Random


def mutation(number: int) -> Files:
    """The good repository with one to four changes in one of its files."""
    chance = random.Random(number)  # noqa: S311 - a test's chance
    files = {name: text.encode() for name, text in GOOD.items()}
    name = chance.choice(sorted(files))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        files[name] = chance.choice(OPERATORS)(files[name], chance)
    if chance.random() < 0.1:
        files[chance.choice(["copy.yaml", "deep/er.yml", "contracts.lock.yaml"])] = files[name]
    return files


# ----------------------------------------------------------------------------------------------------- bytes


def _flip(raw: bytes, chance: Chance) -> bytes:
    at = chance.randrange(len(raw) or 1)
    return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]


def _insert(raw: bytes, chance: Chance) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 50)) + raw[at:]


def _cut(raw: bytes, chance: Chance) -> bytes:
    at, end = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
    return raw[:at] + raw[min(end, at + 40) :]


def _repeat(raw: bytes, chance: Chance) -> bytes:
    at, end = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
    return raw[:end] + raw[at:end] + raw[end:]


def _swap_lines(raw: bytes, chance: Chance) -> bytes:
    lines = raw.splitlines(keepends=True) or [b""]
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _encode(raw: bytes, chance: Chance) -> bytes:
    return raw.decode("utf-8", errors="replace").encode(chance.choice(ENCODINGS), errors="replace")


def _line_ends(raw: bytes, chance: Chance) -> bytes:
    return raw.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n", b"\t\n", b" \n"]))


def _indent(raw: bytes, chance: Chance) -> bytes:
    return raw.replace(b"  ", chance.choice([b"\t", b" ", b"   ", b"    "]), chance.choice((1, -1)))


# ------------------------------------------------------------------------------------------------- structure


def _restructured(change: Callable[[Any, Chance], Any]) -> Callable[[bytes, Chance], bytes]:
    def operator(raw: bytes, chance: Chance) -> bytes:
        documents, _ = yamlsource.load(raw.decode("utf-8", errors="replace"), "x")
        changed = [change(each.data, chance) for each in documents]
        return "\n---\n".join(json.dumps(each, default=_number, ensure_ascii=False) for each in changed).encode(
            errors="surrogatepass"
        )

    return operator


def _number(value: Decimal) -> object:
    return str(value) if not value.is_finite() else float(value)


def _containers(data: Any) -> list[Any]:
    found = [data] if isinstance(data, dict | list) and data else []
    below = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return found + [each for value in below for each in _containers(value)]


def _keys(container: Any) -> list[Any]:
    return list(container) if isinstance(container, dict) else list(range(len(container)))


def _drop(data: Any, chance: Chance) -> Any:
    for container in chance.sample(_containers(data), min(1, len(_containers(data)))):
        del container[chance.choice(_keys(container))]
    return data


def _rename(data: Any, chance: Chance) -> Any:
    mappings = [each for each in _containers(data) if isinstance(each, dict)]
    for mapping in chance.sample(mappings, min(1, len(mappings))):
        key = chance.choice(list(mapping))
        mapping[chance.choice([key.lower(), key.upper(), key + "s", key[:-1], key[::-1], ""])] = mapping.pop(key)
    return data


def _wrap(data: Any, chance: Chance) -> Any:
    for container in chance.sample(_containers(data), min(1, len(_containers(data)))):
        key = chance.choice(_keys(container))
        for _ in range(chance.choice((1, 2, 60))):
            container[key] = chance.choice(([container[key]], {"a": container[key]}))
    return data


def _move(data: Any, chance: Chance) -> Any:
    containers = _containers(data)
    if len(containers) > 1:
        source, goal = chance.sample(containers, 2)
        taken = json.loads(json.dumps(source, default=_number))
        goal[chance.choice(_keys(goal))] = taken
    return data


# ---------------------------------------------------------------------------------------------------- values


def _value(raw: bytes, chance: Chance) -> bytes:
    lines = raw.decode("utf-8", errors="replace").split("\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    lines[at] = f"{key}{colon or ': '}{chance.choice(NASTY)}"
    return "\n".join(lines).encode("utf-8", errors="surrogatepass")


def _flow_value(raw: bytes, chance: Chance) -> bytes:
    text = raw.decode("utf-8", errors="replace")
    parts = text.split(", ")
    at = chance.randrange(len(parts))
    key, colon, _ = parts[at].rpartition(": ")
    parts[at] = f"{key}{colon}{chance.choice(NASTY)}"
    return ", ".join(parts).encode("utf-8", errors="surrogatepass")


OPERATORS: tuple[Callable[[bytes, Chance], bytes], ...] = (
    _flip, _insert,
    _insert, _cut, _repeat, _swap_lines, _encode, _line_ends, _indent, _value, _value, _value, _flow_value,
    _restructured(_drop), _restructured(_rename), _restructured(_wrap), _restructured(_move),
)  # fmt: skip


def text_of(files: Mapping[str, bytes], name: str) -> str:
    """The text of a file as far as it is any; what stands where is the same."""
    return files[name].decode("utf-8-sig", errors="replace")
