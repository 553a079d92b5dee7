"""The line that tells an editor which schema a file is held against: `# yaml-language-server: $schema=…`."""

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import BASE

ANY_KIND = "manifest.json"
_LINE = re.compile(r"#\s*yaml-language-server\s*:\s*\$schema=(\S+)\s*")
# What we wrote, or would have: a published schema, or one of the folder `schemas/v1` above the file.
_OURS = re.compile(rf"({re.escape(BASE)}|(\.\.?/)*schemas/)v1/\w+\.json")


def is_line(comment: str) -> bool:
    """Whether a comment is this line."""
    return _LINE.fullmatch(comment) is not None


def with_line(text: str, documents: Sequence[Any], schemas: Path | None) -> str:
    """`text`, which is laid out, with the line at its head, if its documents say their kind.

    A line that leads elsewhere is left alone. `schemas` is the folder of the schemas as seen from the file's own; the
    published schemas without one.
    """
    kinds = {each["kind"] for each in documents if isinstance(each, dict) and isinstance(each.get("kind"), str)}
    if not kinds:
        return text
    schema = schema_of(kinds)
    place = f"{schemas.as_posix()}/{schema}" if schemas is not None else f"{BASE}v1/{schema}"
    wanted = f"# yaml-language-server: $schema={place}\n"
    lines = text.split("\n")
    head = takewhile(lambda line: not line or line.startswith("#"), lines)
    known = next(((number, match) for number, line in enumerate(head) if (match := _LINE.fullmatch(line))), None)
    if known is None:
        return wanted + text
    number, match = known
    if not _OURS.fullmatch(match[1]):
        return text
    del lines[number]
    return wanted + "\n".join(lines)


def schema_of(kinds: set[str]) -> str:
    """The schema's file for documents of these kinds."""
    known = {*KINDS, "ContractLock"}
    return f"{min(kinds)}.json" if len(kinds) == 1 and kinds <= known else ANY_KIND


def schemas_above(path: Path) -> Path | None:
    """The nearest folder `schemas/v1` above the file at `path`, as seen from the file's own folder."""
    here = path.absolute().parent
    for steps, folder in enumerate((here, *here.parents)):
        if (folder / "schemas" / "v1" / ANY_KIND).is_file():
            return Path(*[".."] * steps, "schemas", "v1")
    return None
