"""Workflow commands: escaped, without money, and never more than are shown."""

from reconciler.diagnostics import Location, error, warning
from reconciler.reports.annotations import LIMIT, diagnostic_annotations, drift_annotations
from tests.builders import a_line, a_plan


def test_a_diagnostic_points_at_its_place() -> None:
    found = [error("E1", "100 % odd", Location("a,b:c.yaml", 3, 4), detail="two\nlines", suggestion="Mend it.")]

    assert diagnostic_annotations(found) == (
        "::error title=E1,file=a%2Cb%3Ac.yaml,line=3,col=4::100 %25 odd. two%0Alines Mend it.",
    )


def test_a_file_alone_has_no_line() -> None:
    assert diagnostic_annotations([warning("W1", "odd", Location("a.yaml"))]) == (
        "::warning title=W1,file=a.yaml::odd",
    )


def test_ten_of_a_kind_and_the_tenth_counts_the_rest() -> None:
    found = [error("E1", f"odd {number}") for number in range(25)] + [warning("W1", "also odd")]

    commands = diagnostic_annotations(found)

    assert len(commands) == LIMIT + 1
    assert commands[LIMIT - 1] == "::error title=folioctl::and 16 more: the summary has them all"


def test_a_synced_account_has_none() -> None:
    assert drift_annotations(a_plan([a_line(current=43)])) == ()


def test_drift_names_the_account_and_its_lines_without_money() -> None:
    plan = a_plan([a_line(), a_line("GLD", blocked="needs 5,000.00 USD")])

    account, line, blocked = drift_annotations(plan)

    assert account.startswith("::warning title=main%3A OutOfSync::2 of 2 lines off target; 1 blocked;")
    assert line == "::warning title=main%3A MSFT::weight 8.0 %25 → 17.2 %25; off target"
    assert blocked.endswith("blocked: needs [amount]")
