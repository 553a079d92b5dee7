import json
from typing import Any

import pytest

from reconciler.diagnostics import Diagnostic, Location, error, warning
from reconciler.manifests.codes import CODES
from reconciler.reports.sarif import sarif


def run_of(*found: Diagnostic) -> dict[str, Any]:
    (run,) = json.loads(sarif(found, CODES, tool="folioctl 1.2.3"))["runs"]
    return dict(run)


def test_a_finding_has_its_rule_its_words_and_its_place() -> None:
    place = Location("desired-state/portfolio.yaml", 3, 7, 3, 13)
    run = run_of(error("MAN001", "unknown key 'wieght'", place, suggestion="Did you mean 'weight'?"))

    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "MAN001"
    assert rule["fullDescription"]["text"] == CODES["MAN001"].why
    assert result["level"] == "error"
    assert result["message"]["text"] == "unknown key 'wieght'. Did you mean 'weight'?"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "desired-state/portfolio.yaml"},
                "region": {"startLine": 3, "startColumn": 7, "endLine": 3, "endColumn": 13},
            }
        }
    ]


def test_a_finding_keeps_its_fingerprint_when_it_moves() -> None:
    def fingerprint(summary: str, line: int) -> object:
        (result,) = run_of(error("MAN001", summary, Location("a.yaml", line, 1)))["results"]
        return result["partialFingerprints"]

    assert fingerprint("odd", 3) == fingerprint("odd", 30)
    assert fingerprint("odd", 3) != fingerprint("even", 3)


def test_what_a_comment_sets_aside_is_suppressed_with_its_reason() -> None:
    (result,) = run_of(Diagnostic(**vars(warning("ACC003", "odd")) | {"ignored": "a tunnel"}))["results"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "a tunnel"}]


def test_a_file_alone_has_no_region_and_an_absolute_path_is_a_uri() -> None:
    (result,) = run_of(error("YML007", "unreadable", Location("/x/a b.yaml")))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "file:///x/a%20b.yaml"}}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/100%.yaml", "a%20b/100%25.yaml"),
        ("a#1?.yaml", "a%231%3F.yaml"),
        ("gr\u00fcn.yaml", "gr%C3%BCn.yaml"),
        ("paper\n.yaml", "paper%0A.yaml"),
        ("x\udcff.yaml", "x%FF.yaml"),  # how Python holds a name that is not UTF-8
        ("c:x.yaml", "c%3Ax.yaml"),
    ],
)
def test_a_relative_path_is_a_uri_too(file: str, uri: str) -> None:
    (result,) = run_of(error("MAN001", "odd", Location(file, 1, 1)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_what_has_no_place_is_told_of_the_whole() -> None:
    (result,) = run_of(error("MAN014", "the name of a file"))["results"]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "."}}}]


def test_nothing_found_is_a_run_without_results() -> None:
    assert run_of()["results"] == []
