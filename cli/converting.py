"""Imports that ask no broker: the predecessor's settings and portfolios."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from cli.consent import Consent
from cli.invocation import Invocation
from cli.options import View
from cli.starting import has_manifests
from cli.writing import LEFT, PLANS, changes_of, ignoring, require_new, write_and_answer
from reconciler import diagnostics
from reconciler.bootstrap import current_text
from reconciler.diagnostics import Location
from reconciler.domain.desired import Environment
from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.ids import AccountName
from reconciler.domain.imported import FileAction, FileChange, Imported, ImportedAccount
from reconciler.manifests.given import read_given
from reconciler.manifests.predecessor import Converted, convert, read_env
from reconciler.manifests.rows import Form
from reconciler.manifests.writing import PORTFOLIO, WrittenLine, portfolio_text, written
from reconciler.manifests.writing.given import cash_of, into, lines_of
from reconciler.manifests.writing.trial import load_with

_PLAIN = re.compile(r"[A-Za-z0-9_:./@+-]+")


def import_env(
    invocation: Invocation, file: Path, said: Environment | None, write_env: Path | None, consent: Consent
) -> NoReturn:
    """The predecessor's settings as a set of manifests, in a directory that has none yet."""
    with invocation.reporting():
        invocation.unquoted = frozenset({file.as_posix()})
        converted = _converted(invocation, file, said)
        if has_manifests(invocation.manifests):
            raise Refused(
                f"{invocation.manifests} has manifests already, and none of them is overwritten: choose another "
                "directory with --desired-state"
            )
        texts = {invocation.manifests / name: text for name, text in written(converted.setup).items()}
        changes = (*changes_of(texts), *_env_file(invocation.root, write_env, converted.variables))
        imported = Imported(
            source="env",
            files=changes,
            accounts=tuple(ImportedAccount(AccountName(each.name)) for each in converted.setup.accounts),
            variables=converted.fates,
            notes=(*converted.notes, *_not_written(write_env, converted.variables)),
        )
        write_and_answer(invocation, imported, consent, steps=tuple(_steps(write_env)))


def _steps(write_env: Path | None) -> Iterator[str]:
    if write_env is None:
        yield "put each account's number into the environment, the keyring or .env, by the names above"
    elif write_env.absolute() != Path(".env").absolute():
        yield f"commands read {write_env} where you give them `--env-file {shlex.quote(str(write_env))}`"
    yield (
        f"`folioctl import csv|yaml FILE --into {PORTFOLIO}` fills the portfolio, which is empty as yet; so does "
        "`folioctl import account`, where it is one account's alone"
    )
    yield "`folioctl validate`, then `folioctl plan`: it sends nothing"


@dataclass(frozen=True)
class GivenImport:
    """Where a given portfolio is to go: to a file, into a Portfolio that is there, or to standard output."""

    file: Path
    form: Form
    name: str | None = None
    out: Path | None = None
    into: str | None = None
    close_missing: bool = False


def import_given(invocation: Invocation, asked: GivenImport, consent: Consent) -> NoReturn:
    """A portfolio of the predecessor's formats as a Portfolio."""
    if asked.into is not None and (asked.out is not None or asked.name is not None):
        raise typer.BadParameter("--into NAME changes a Portfolio that is there; --out and --name make another")
    if asked.close_missing and asked.into is None:
        raise typer.BadParameter("--close-missing goes with --into")
    with invocation.reporting():
        placed, invocation.diagnostics = read_given(asked.file, asked.form)
        if invocation.diagnostics:
            invocation.fail_with(invocation.diagnostics)
        comments = asked.file.read_text(encoding="utf-8-sig") if asked.form is Form.YAML else ""
        lines = lines_of(placed, comments)
        if asked.into is not None:
            _into(invocation, asked, lines, consent)
        name = asked.name or _name_of(asked.file)
        text = portfolio_text(name, lines, cash_of(lines))
        if asked.out is None and invocation.view is View.TERMINAL:
            invocation.streams.write(text)
            raise typer.Exit(ExitCode.OK)
        _to_file(invocation, asked, text, consent)


def _into(invocation: Invocation, asked: GivenImport, lines: Sequence[WrittenLine], consent: Consent) -> NoReturn:
    merged = into(invocation.manifests, asked.into or "", lines)
    if merged.closed and not asked.close_missing:
        raise Refused(
            f"{asked.file} does not have {', '.join(merged.closed)}, which Portfolio '{asked.into}' has: "
            "--close-missing gives them the weight 0, which sells them at the next apply"
        )
    _, found = load_with(invocation.manifests, merged.texts)
    if diagnostics.has_errors(found):
        invocation.fail_with(found)
    notes = (f"{', '.join(merged.closed)}: weight 0, which sells them at the next apply",) if merged.closed else ()
    imported = Imported(source=asked.form.value, files=changes_of(merged.texts), notes=notes)
    write_and_answer(invocation, imported, consent, steps=("folioctl validate", "folioctl plan"))


def _to_file(invocation: Invocation, asked: GivenImport, text: str, consent: Consent) -> NoReturn:
    """A new file; standard output, in JSON, where none is named."""
    if asked.out is None:
        change = FileChange("-", None, text, FileAction.CREATE)
        write_and_answer(invocation, Imported(asked.form.value, (change,)), replace(consent, dry_run=True))
    require_new(asked.out, "--out, or change the Portfolio that is there with --into NAME")
    imported = Imported(asked.form.value, changes_of({asked.out: text}))
    write_and_answer(invocation, imported, consent, steps=("name it in an Account's `portfolio`", "folioctl validate"))


def _name_of(file: Path) -> str:
    """The file's name as a manifest's."""
    words = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")
    return words[:63].strip("-") or "portfolio"


def _converted(invocation: Invocation, file: Path, said: Environment | None) -> Converted:
    """The settings; leaves with every diagnostic where one of them cannot be."""
    text = current_text(file)
    if text is None:
        place = Location(file.as_posix())
        invocation.fail_with((diagnostics.error("ENV001", "there is no such file", place),))
    entries, found = read_env(text, file.as_posix())
    converted, faults = convert(entries, said)
    invocation.diagnostics = diagnostics.in_order((*found, *faults))
    if converted is None or diagnostics.has_errors(found):
        invocation.fail_with(invocation.diagnostics)
    if invocation.diagnostics and invocation.view is View.TERMINAL:
        invocation.show_diagnostics(invocation.streams.stderr)
    return converted


def _env_file(root: Path, path: Path | None, variables: Mapping[str, str]) -> tuple[FileChange, ...]:
    """The env file of those variables, where one was asked for; and Git is told to ignore it before it is there.

    Raises Refused where there is one already.
    """
    if path is None:
        return ()
    require_new(path, "--write-env")
    text = "".join(f"{name}={_quoted(value)}\n" for name, value in variables.items())
    secret = FileChange(path.as_posix(), None, text, FileAction.CREATE, is_private=True)
    below = Path(os.path.relpath(path, root)).as_posix()
    if below.startswith("../"):
        return (secret,)
    return (*ignoring(root, [".env" if below == ".env" else f"/{below}", PLANS, LEFT]), secret)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _not_written(path: Path | None, variables: Mapping[str, str]) -> tuple[str, ...]:
    if path is not None or not variables:
        return ()
    return (f"{', '.join(variables)} are written nowhere: set them yourself, or have --write-env FILE do it",)
