"""A repository to begin with: manifests in order, an example of the settings, workflows, and what Git shall ignore."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import typer

from cli.consent import Consent
from cli.invocation import Invocation
from cli.resources import shipped
from cli.runoptions import leverage_of
from cli.starting import (
    ACCOUNT_ENV,
    CURRENCY,
    FIRST_ACCOUNT,
    HOST,
    Start,
    currency_of,
    has_manifests,
    host_of,
    name_of,
    port_of,
    variable_of,
)
from cli.writing import LEFT, PLANS, changes_of, ignoring, only_new, write_and_answer
from reconciler import __version__
from reconciler.bootstrap import load
from reconciler.domain.desired import Environment, SecretSource
from reconciler.domain.ids import AccountName
from reconciler.domain.imported import FileAction, FileChange, Imported, ImportedAccount
from reconciler.manifests.writing import written

WORKFLOWS = ("plan.yml", "apply.yml", "drift.yml")
IGNORED = (".env", PLANS, "/.venv", LEFT)
"""What holds secrets or balances, and what is made anew."""
_ACCOUNTS_OF_THE_WORKFLOWS = '["main"]'
_NUMBER = re.compile(rf"^{ACCOUNT_ENV}(=.*\n)", re.MULTILINE)


def begin(invocation: Invocation, start: Start, consent: Consent, *, asks: bool) -> NoReturn:
    """Write what is not there yet, and say what to do next."""
    with invocation.reporting():
        is_begun = has_manifests(invocation.manifests)
        if asks and invocation.streams.can_ask and not is_begun:
            start = _asked(invocation, start)
        root, notes = invocation.root, []
        texts: dict[Path, str] = {}
        if is_begun:
            notes.append(f"{invocation.manifests} has manifests already: none was added to them")
        else:
            texts |= _manifests(invocation, start)
        names, variables = _declared(invocation, start) if is_begun else ([start.name], [start.variable])
        changes = (*only_new(changes_of(texts | _others(root, names, variables))), *ignoring(root, IGNORED))
        notes += _without_a_target(changes)
        accounts = tuple(ImportedAccount(AccountName(each)) for each in names)
        imported = Imported(source="init", files=changes, accounts=accounts, notes=tuple(notes))
        write_and_answer(invocation, imported, consent, steps=tuple(_steps(root, variables)))


def _declared(invocation: Invocation, start: Start) -> tuple[list[str], list[str]]:
    """The accounts of the manifests that are there, and the variables that hold their numbers.

    Where the manifests are not in order, what was asked for. A name with a number in it is written nowhere.
    """
    workspace, _ = load(invocation.manifests)
    if workspace is None:
        return [start.name], [start.variable]
    accounts = workspace.desired.accounts
    ids = [each.account_id for each in accounts if each.account_id.source is SecretSource.ENV]
    return [str(each.name) for each in accounts], [each.name for each in ids if each.name == each.told]


def _manifests(invocation: Invocation, start: Start) -> Mapping[Path, str]:
    setup = start.whole(start.name, start.environment or Environment.PAPER)
    return {invocation.manifests / name: text for name, text in written(setup).items()}


def _others(root: Path, names: Sequence[str], variables: Sequence[str]) -> dict[Path, str]:
    """The files beside the manifests. `names` are those of the accounts, and `variables` hold their numbers."""
    example = shipped(".env.example").read_text(encoding="utf-8")
    workflows = shipped(".github/workflows")
    accounts = json.dumps(names)
    makefile = (files("cli") / "templates" / "Makefile").read_text(encoding="utf-8")
    return {
        root / ".env.example": _NUMBER.sub("".join(rf"{each}\1" for each in variables), example),
        root / "Makefile": makefile.replace("@VERSION@", __version__),
        **{
            root / ".github" / "workflows" / name: (workflows / name)
            .read_text(encoding="utf-8")
            .replace(_ACCOUNTS_OF_THE_WORKFLOWS, accounts)
            for name in WORKFLOWS
        },
    }


def _without_a_target(changes: Iterable[FileChange]) -> Iterator[str]:
    """The workflows call `make setup`: a Makefile that was there already has to have it."""
    for change in changes:
        is_kept = Path(change.path).name == "Makefile" and change.action is FileAction.KEEP
        if is_kept and not re.search(r"^setup\s*:", change.before or "", re.MULTILINE):
            yield f"{change.path} has no target `setup`, which the workflows call: it installs folioctl into .venv"


def _steps(root: Path, variables: Sequence[str]) -> Iterator[str]:
    if root != Path():
        yield f"`cd {shlex.quote(str(root))}`"
    if variables:
        whose = "the account's number" if len(variables) == 1 else "each account's number"
        yield f"put {whose} into .env, as {', '.join(f'{each}=…' for each in variables)}; Git ignores that file"
    yield "`folioctl import account` takes up what the account holds; or write desired-state/portfolio.yaml"
    yield "`folioctl doctor` checks the set-up before money moves"
    yield "`folioctl validate`, then `folioctl plan`: it shows what an apply would do, and sends nothing"


# --------------------------------------------------------------------------------------------------- questions


def _asked(invocation: Invocation, start: Start) -> Start:
    """What no option says, asked for; an empty answer takes the default."""
    environment = start.environment or _ask(invocation, "Is it a paper or a live account?", "paper", _environment_of)
    start = replace(start, environment=environment)

    def possible(text: str) -> Decimal:
        leverage = leverage_of(text)
        start.room_at(leverage)
        return leverage

    questions: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
        ("account_name", "What is the account called in reports?", FIRST_ACCOUNT, name_of),
        ("base_currency", "Which is its base currency?", CURRENCY, currency_of),
        ("leverage", "At which leverage is it to be held? 1 borrows nothing", str(start.usual_leverage), possible),
        ("host", "On which host does the gateway listen?", HOST, host_of),
        ("port", "On which port?", str(start.customary_port), port_of),
        ("account_env", "Which environment variable holds the account's number?", ACCOUNT_ENV, variable_of),
    )
    answers = {
        key: _ask(invocation, question, default, read)
        for key, question, default, read in questions
        if getattr(start, key) is None
    }
    return replace(start, **answers)


def _environment_of(text: str) -> Environment:
    if text.lower() not in list(Environment):
        raise typer.BadParameter(f"{text!r} is neither paper nor live")
    return Environment(text.lower())


def _ask(invocation: Invocation, question: str, default: str, read: Callable[[str], Any]) -> Any:
    """The answer, asked for until it can be read. Leaves as interrupted where the input ends."""
    while True:
        answer = invocation.streams.ask(question, default)
        if answer is None:
            raise typer.Abort
        try:
            return read(answer)
        except typer.BadParameter as fault:
            invocation.streams.stderr.print(f"{fault}", style="yellow", markup=False, highlight=False)
