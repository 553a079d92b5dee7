"""Importing a live account: where its manifests are, or come to be, and the session in which it is read."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import typer

from cli.consent import Consent
from cli.invocation import Invocation
from cli.session import Task, read
from cli.starting import FIRST_ACCOUNT, Start, has_manifests, name_of
from cli.writing import changes_of, require_new, write_and_answer
from reconciler.bootstrap import Workspace, load
from reconciler.domain.desired import Environment, SecretRef, SecretSource
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountName
from reconciler.domain.imported import Imported, ImportedAccount, ImportedHolding, ImportedLine
from reconciler.engine.adopt import Adopted, adopt_account
from reconciler.engine.session import Session
from reconciler.manifests.writing import written
from reconciler.manifests.writing.adoption import Proposed, beside, fresh, in_place
from reconciler.manifests.writing.trial import copied
from reconciler.planning.adopt import Adoption

_STEPS = ("folioctl validate", "folioctl plan")

Propose = Callable[[Adoption], Proposed]


def import_account(
    invocation: Invocation, start: Start, consent: Consent, *, out: Path | None, name: str | None
) -> NoReturn:
    """Adopt the account into the manifests that are there, or into a set of its own where there are none."""
    with invocation.reporting():
        if has_manifests(invocation.manifests):
            workspace, propose = _existing(invocation, start, out, name)
        else:
            if out is not None or name is not None:
                raise typer.BadParameter("--out and --name are for a repository that has manifests already")
            workspace, propose = _beginning(invocation, start)
        account = invocation.chosen_account(workspace)

        async def use_case(session: Session) -> Adopted:
            return await adopt_account(session, propose)

        adopted = read(invocation, Task(workspace, "folioctl import account"), use_case)
        write_and_answer(invocation, _imported(account.name, adopted), consent, steps=_STEPS)


def _existing(invocation: Invocation, start: Start, out: Path | None, name: str | None) -> tuple[Workspace, Propose]:
    if start.said:
        raise typer.BadParameter(f"{', '.join(start.said)}: the manifests of {invocation.manifests} say that already")
    if (out is None) != (name is None):
        raise typer.BadParameter(
            "--out FILE and --name NAME belong together: the file, and what the Portfolio is called"
        )
    workspace = invocation.workspace()
    account = invocation.chosen_account(workspace).name
    directory = invocation.manifests
    if out is not None and name is not None:
        require_new(out, "--out")
        return workspace, lambda adoption: beside(directory, account, out, name, adoption)
    return workspace, lambda adoption: in_place(directory, account, adoption)


def _beginning(invocation: Invocation, start: Start) -> tuple[Workspace, Propose]:
    """A workspace that is on no disk yet, with an empty portfolio, and what becomes of it."""
    account = AccountName(name_of(invocation.account or FIRST_ACCOUNT))
    setup = start.setup(account, start.environment or _environment_of(invocation, start))
    directory, profile = invocation.manifests, start.profile
    texts = {directory / file: text for file, text in written(setup).items()}
    with copied(directory, texts) as trial:
        workspace, invocation.diagnostics = load(trial)
    if workspace is None:
        invocation.fail_with(invocation.diagnostics)
    return workspace, lambda adoption: fresh(directory, setup, profile, adoption)


def _environment_of(invocation: Invocation, start: Start) -> Environment:
    """Paper or live, by the form of the account's number."""
    found = invocation.settings().resolve_secret(SecretRef(SecretSource.ENV, start.variable))
    if not found:
        raise Refused(
            f"the account's number is not set: put it into the environment or .env as {start.variable}, "
            "or name another variable with --account-env"
        )
    return Environment.of_account(found)


def _imported(account: AccountName, adopted: Adopted) -> Imported:
    proposed, adoption = adopted.proposed, adopted.adoption
    accounts: tuple[ImportedAccount, ...] = ()
    if adoption is not None:
        accounts = (_account(account, adoption),)
    return Imported(
        source="account",
        files=() if proposed is None else changes_of(proposed.texts),
        accounts=accounts,
        reasons=adopted.reasons,
        notes=() if proposed is None else proposed.notes,
    )


def _account(name: AccountName, adoption: Adoption) -> ImportedAccount:
    return ImportedAccount(
        name=name,
        leverage=adoption.leverage,
        cash=adoption.cash,
        lines=tuple(
            ImportedLine(each.target.instrument.name, each.contract.con_id, each.target.weight)
            for each in adoption.lines
        ),
        aside=tuple(ImportedHolding(each.symbol, each.con_id, each.why) for each in adoption.aside),
    )
