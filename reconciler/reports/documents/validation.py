"""The Validation document: what the manifests hold, and everything that is wrong with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic, Severity, has_errors
from reconciler.domain.desired import AccountSpec, DesiredState, Environment, Revision
from reconciler.domain.ids import AccountName
from reconciler.domain.money import Currency
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Number, Part
from reconciler.reports.documents.resolved import ResolvedAccountPart, resolved_part


class ValidationAccountPart(Part):
    """One declared account: its portfolio, the number of its targets, and the weight that cash has."""

    name: AccountName
    environment: Environment
    base_currency: Currency
    portfolio: str
    targets: int
    cash_weight: Number
    leverage: Number


class ValidationSummaryPart(Part):
    """Whether the manifests can be used, and counts of diagnostics and accounts."""

    valid: bool
    errors: int
    warnings: int
    accounts: int


class ValidationDocument(Envelope):
    """The diagnostics are the envelope's own; `accounts` is empty where the manifests could not be read.

    `resolved` is null unless it was asked for, or where nothing could be resolved.
    """

    kind: Literal["Validation"]
    summary: ValidationSummaryPart
    accounts: tuple[ValidationAccountPart, ...]
    resolved: tuple[ResolvedAccountPart, ...] | None = None


def validation_document(
    desired: DesiredState | None,
    *,
    tool: str,
    created: datetime,
    revision: Revision | None,
    diagnostics: Sequence[Diagnostic] = (),
    resolved: DesiredState | None = None,
) -> ValidationDocument:
    """The document of what was loaded; `desired` is None where nothing could be. `resolved` is written out in full."""
    accounts = () if desired is None else desired.accounts
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    return ValidationDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Validation",
        summary=ValidationSummaryPart(
            valid=desired is not None and not has_errors(diagnostics),
            errors=errors,
            warnings=len(diagnostics) - errors,
            accounts=len(accounts),
        ),
        accounts=tuple(_account(each) for each in accounts),
        resolved=None if resolved is None else tuple(resolved_part(each) for each in resolved.accounts),
    )


def _account(account: AccountSpec) -> ValidationAccountPart:
    return ValidationAccountPart(
        name=account.name,
        environment=account.environment,
        base_currency=account.base_currency,
        portfolio=account.portfolio.name,
        targets=len(account.portfolio.targets),
        cash_weight=account.portfolio.cash_weight,
        leverage=account.leverage,
    )
