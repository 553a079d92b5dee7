"""The explanation of the verbs of the control channel, a script's actions among them: for `help` and for the page."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

_SECTION = re.compile(r"(<!-- verbs -->\n).*?(<!-- end of verbs -->)", re.DOTALL)

Verbs = Mapping[str, tuple[type[BaseModel], Callable[..., Any]]]


class Row(NamedTuple):
    """What a verb does, the fields that it needs, and those that it takes."""

    does: str
    needs: list[str]
    takes: list[str]


def row(model: type[BaseModel]) -> Row:
    """The explanation of one verb."""
    fields = {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
    return Row(
        does=(model.__doc__ or "").partition("\n")[0],
        needs=[name for name, required in fields.items() if required],
        takes=[name for name, required in fields.items() if not required],
    )


def refreshed(page: str, verbs: Verbs) -> str:
    """The page with the table of all verbs, as they are now, between its markers."""
    lines = ["", "| Verb | Fields, those it needs in bold | What it does |", "|---|---|---|"]
    lines += [_table_row(verb, row(model)) for verb, (model, _) in verbs.items()]
    return _SECTION.sub(lambda found: found[1] + "\n".join([*lines, "", ""]) + found[2], page)


def _table_row(verb: str, found: Row) -> str:
    fields = ", ".join([*(f"**`{name}`**" for name in found.needs), *(f"`{name}`" for name in found.takes)])
    return f"| `{verb}` | {fields} | {found.does} |"
