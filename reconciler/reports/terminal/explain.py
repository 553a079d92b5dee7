"""What a code, a kind or a key means, for a person at a terminal."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from reconciler.manifests.codes import Explanation
from reconciler.manifests.fields import Field
from reconciler.reports.terminal.parts import cell, say


def show_names(console: Console, kinds: Iterable[str], codes: Iterable[str]) -> None:
    """What can be explained."""
    say(console, f"Kinds: {', '.join(kinds)}. Add the keys, as in Portfolio.spec.targets.")
    say(console, f"Codes: {', '.join(sorted(codes))}.")


def show_code(console: Console, code: str, explanation: Explanation) -> None:
    """One code: what was found, why it matters, and how it is written well."""
    say(console, code, style="bold")
    say(console, explanation.what, indent=2)
    say(console, f"Why: {explanation.why}", indent=2)
    say(console, "Write, for example:", indent=2)
    say(console, explanation.example, style="green", indent=4)


def show_field(console: Console, field: Field) -> None:
    """One kind or key, and the keys below it."""
    say(console, field.path, style="bold")
    say(console, field.description, indent=2)
    for name, text in _facts(field).items():
        say(console, f"{name}: {text}", indent=2)
    if field.keys:
        say(console)
        console.print(_keys(field.keys))


def _facts(field: Field) -> Mapping[str, str]:
    facts = {
        "Takes": field.value,
        "Default": field.default,
        "Words": ", ".join(field.words),
        "For example": " · ".join(field.examples),
    }
    return {name: text for name, text in facts.items() if text}


def _keys(keys: Iterable[Field]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Key", "Takes", "Default", "Meaning"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for each in keys:
        name = each.path.rpartition(".")[2]
        table.add_row(cell(name, "cyan"), cell(each.value), cell(each.default), cell(each.description))
    return table
