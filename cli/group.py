"""A command that has commands of its own: its help says of each, whole, what it does."""

from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter  # Typer exports neither as what its own methods are given

_WHOLE = 1000
"""More than any sentence has."""


class Group(TyperGroup):
    """Typer's own cuts a sentence off that is longer than a line; this one wraps it."""

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Its commands, in their order."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(_WHOLE)) for name, each in self.commands.items()])
