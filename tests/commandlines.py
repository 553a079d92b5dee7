"""The command line as it is, for tests of what documents and workflows say about it."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cli.app import app

_FENCED = re.compile(r"^ *```(?:sh|console)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"(<!-- options: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ENDS_A_COMMAND = frozenset("|&;<>()")


def commands() -> dict[str, Any]:
    """Every command that does something, by its words: `plan`, `runs list`."""
    return dict(_below(typer.main.get_command(app), ()))


def _below(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def parse(arguments: list[str]) -> None:
    """Parse the words after `folioctl` as the command would, and run nothing. Raises what a usage error raises."""
    command: Any = typer.main.get_command(app)
    name, context = "folioctl", None
    while True:
        context = command.make_context(name, arguments, parent=context)
        if not hasattr(command, "commands"):
            return
        found, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        name = str(found)


def folioctl_lines(script: str) -> list[list[str]]:
    """The words after `folioctl` of every line of a shell script that runs it, up to a pipe or a redirection."""
    found = (_after_folioctl(line) for line in script.replace("\\\n", " ").splitlines())
    return [words for words in found if words]


def shell_blocks(markdown: str) -> list[str]:
    """The shell commands that a Markdown text shows."""
    return [block.replace("$ folioctl", "folioctl") for block in _FENCED.findall(markdown)]


def _after_folioctl(line: str) -> list[str]:
    if "folioctl" not in line:
        return []
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    words = list(reader)
    while words and (words[0] == "exec" or re.match(r"^[A-Z_]+=", words[0])):
        words.pop(0)
    if not words or Path(words[0]).name != "folioctl":
        return []
    end = next((place for place, word in enumerate(words) if set(word) <= _ENDS_A_COMMAND), len(words))
    redirects_errors = words[end - 1] == "2" and words[end : end + 1] == [">"]
    return words[1 : end - 1 if redirects_errors else end]


def refreshed(page: str) -> str:
    """`page` with the options of every command, as they are now, between its markers."""
    known = commands()
    return _SECTION.sub(lambda found: f"{found[1]}{_options(known[found[2]])}{found[3]}", page)


def _options(command: Any) -> str:
    own = [each for each in command.params if each.name != "help"]
    rows = [f"| {_spelling(each)} | {_default(each)} | {each.help} |\n" for each in own]
    return "".join(["\n| Option | Default | Meaning |\n|---|---|---|\n", *rows, "\n"]) if rows else ""


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}{'' if parameter.nargs == 1 else '...'}`"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    spellings = [*sorted(parameter.opts, key=len), *parameter.secondary_opts]
    return ", ".join(f"`{each}{value}`" for each in spellings)


def _default(parameter: Any) -> str:
    if parameter.param_type_name == "argument" and parameter.required:
        return "required"
    return "" if parameter.default in (None, False) else f"`{parameter.default}`"
