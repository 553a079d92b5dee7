"""Diagnostics as SARIF 2.1.0, which code scanning reads.

Results keep their fingerprint when lines above them move, so that a finding is opened once and closed once. What a
comment in the file sets aside is told as suppressed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from reconciler.diagnostics import Diagnostic, Location, in_order
from reconciler.manifests.codes import Explanation

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HERE = Location(".")
"""The place of what has none: code scanning refuses a result without."""


def sarif(diagnostics: Iterable[Diagnostic], codes: Mapping[str, Explanation], *, tool: str) -> str:
    """One run over the manifests. `tool` is the program's name and version; `codes` explains what was found."""
    found = in_order(diagnostics)
    rules = sorted({each.code for each in found})
    name, _, version = tool.partition(" ")
    driver = {
        "name": name,
        "version": version,
        "rules": [_rule(code, codes.get(code)) for code in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.code)) for each in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, explanation: Explanation | None) -> dict[str, Any]:
    if explanation is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": explanation.what},
        "fullDescription": {"text": explanation.why},
        "help": {"text": f"{explanation.why} Write, for example: {explanation.example}"},
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    place = diagnostic.location or _HERE
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": diagnostic.message},
        "locations": [{"physicalLocation": _physical(place)}],
        "partialFingerprints": {"finding/v1": _fingerprint(diagnostic, place)},
    }
    if diagnostic.ignored:
        result["suppressions"] = [{"kind": "inSource", "justification": diagnostic.ignored}]
    return result


def _physical(location: Location) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(PurePath(location.file))}}
    if location.line:
        region = {"startLine": location.line, "startColumn": max(location.column, 1)}
        if location.end_line:
            region |= {"endLine": location.end_line, "endColumn": location.end_column}
        place["region"] = region
    return place


def _uri(path: PurePath) -> str:
    """Absolute, or relative to where the command ran."""
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def _fingerprint(diagnostic: Diagnostic, location: Location) -> str:
    meaning = "\0".join((diagnostic.code, location.file, diagnostic.summary))
    return hashlib.sha256(os.fsencode(meaning)).hexdigest()
