"""What all accounts share: manifests, settings, the state directory, the keyring, the journal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, Severity
from reconciler.domain.counting import counted, counted_each
from reconciler.domain.desired import AccountSpec, DesiredState, Revision, SecretSource
from reconciler.domain.examination import Check, Finding, KeyringReading, StateReading, failed, passed, warned
from reconciler.domain.unknown import Unknown
from reconciler.engine.examine.chart import Chart
from reconciler.ports import Journal

_MEGABYTE = 1_000_000
_LEAST_FREE = 10 * _MEGABYTE
"""Below this an apply may not get its own intents and report onto the disk."""
_LITTLE_FREE = 200 * _MEGABYTE


@dataclass(frozen=True)
class Setup:
    """What was read of the set-up. `directory` is the manifests'; a part that could not be read is None or Unknown.

    `settings_words` are what a person should know of settings that are in order: each a sentence, and what to do.
    """

    directory: str
    desired: DesiredState | None
    revision: Revision | None
    manifests: Sequence[Diagnostic]
    settings: Sequence[Diagnostic]
    settings_words: Sequence[tuple[str, str]]
    state: StateReading | None
    keyring: KeyringReading
    journal: Journal | Unknown
    accounts: Sequence[AccountSpec]
    """Those that are examined."""


def examine_setup(setup: Setup) -> tuple[Finding, ...]:
    """The checks that need no account."""
    chart = Chart()
    chart.add(Check.MANIFESTS, lambda: _manifests(setup))
    chart.add(Check.SETTINGS, lambda: _settings(setup))
    chart.add(Check.STATE, lambda: _state(setup.state))
    chart.add(Check.KEYRING, lambda: _keyring(setup))
    chart.add(Check.JOURNAL, lambda: _journal(setup.journal))
    return chart.findings


def _manifests(setup: Setup) -> Iterable[Finding]:
    errors, warnings = _counted(setup.manifests)
    if setup.desired is None:
        advice = f"mend what `folioctl validate --desired-state {setup.directory}` tells"
        yield failed(Check.MANIFESTS, f"{setup.directory} is not in order: {errors}, {warnings}", advice)
        return
    targets = counted_each({each.name: len(each.portfolio.targets) for each in setup.desired.accounts}, "target")
    yield passed(Check.MANIFESTS, f"in order, {_commit(setup.revision)}: {targets}")
    for each in setup.manifests:
        advice = each.suggestion or "`folioctl validate` shows the line"
        yield warned(Check.MANIFESTS, f"{each.location}: {each.summary}", advice)


def _commit(revision: Revision | None) -> str:
    if revision is None or revision.commit is None:
        return "outside of a Git repository" if revision is None or not revision.dirty else "never committed"
    return f"commit {revision.commit[:12]}" + (", changed since" if revision.dirty else "")


def _settings(setup: Setup) -> Iterable[Finding]:
    errors, warnings = _counted(setup.settings)
    if any(each.severity is Severity.ERROR for each in setup.settings):
        told = "; ".join(each.summary for each in setup.settings if each.severity is Severity.ERROR)
        yield failed(Check.SETTINGS, f"{errors}: {told}", "correct them where they are set")
        return
    if setup.settings:
        told = "; ".join(f"{each.summary}. {each.suggestion}".strip() for each in setup.settings)
        yield warned(Check.SETTINGS, f"{warnings}: {told}", "`folioctl status --settings` shows what is in force")
    for found, advice in setup.settings_words:
        yield warned(Check.SETTINGS, found, advice)
    if not setup.settings and not setup.settings_words:
        yield passed(Check.SETTINGS, "in order")


def _counted(diagnostics: Sequence[Diagnostic]) -> tuple[str, str]:
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    warnings = len(diagnostics) - errors
    return counted(errors, "error"), counted(warnings, "warning")


def _state(state: StateReading | None) -> Iterable[Finding]:
    if state is None:
        yield failed(Check.STATE, "it was not looked at", "correct the settings first")
        return
    if state.why_unusable is not None:
        advice = "give its owner the right to write there, or set FOLIOCTL_STATE to another directory"
        yield failed(Check.STATE, f"{state.place}: {state.why_unusable}", advice)
        return
    if state.clone is not None:
        advice = "set FOLIOCTL_STATE to a directory outside: a plan that one checkout consumed must be so for all"
        yield failed(Check.STATE, f"{state.place} lies inside of the clone {state.clone}", advice)
        return
    yield _space(state)


def _space(state: StateReading) -> Finding:
    advice = "make room on its disk: an apply that cannot write its intents sends nothing more"
    if state.free is None:
        return warned(Check.STATE, f"{state.place} can be written; how much room there is was not told", advice)
    room = f"{state.place} can be written, {state.free // _MEGABYTE:,} MB free"
    if state.free < _LEAST_FREE:
        return failed(Check.STATE, room, advice)
    return warned(Check.STATE, room, advice) if state.free < _LITTLE_FREE else passed(Check.STATE, room)


def _keyring(setup: Setup) -> Iterable[Finding]:
    asking = [each.name for each in setup.accounts if each.account_id.source is SecretSource.KEYRING]
    fault = setup.keyring.fault
    if fault is not None and asking:
        advice = "unlock or mend it, or use accountIdFrom.env in the manifest"
        yield failed(Check.KEYRING, f"the id of {', '.join(asking)} is to come from it: {fault}", advice)
    elif fault is not None:
        found = (
            f"it could not be asked; no setting in it is in force, and until it can no apply sends anything: {fault}"
        )
        advice = "unlock or mend it, or switch it off: PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring"
        yield warned(Check.KEYRING, found, advice)
    elif setup.keyring.backend is not None:
        yield passed(Check.KEYRING, f"there is one: {setup.keyring.backend}")
    elif not asking:
        yield passed(Check.KEYRING, "this machine has none, and no manifest needs one")
    else:
        who = ", ".join(asking)
        advice = "set up a keyring on this machine, or use accountIdFrom.env in the manifest"
        yield failed(Check.KEYRING, f"the id of {who} is to come from it: {setup.keyring.why_none}", advice)


def _journal(journal: Journal | Unknown) -> Iterable[Finding]:
    if isinstance(journal, Unknown):
        advice = "put a backup in its place, or move it away where nothing was ever applied"
        yield failed(Check.JOURNAL, journal.why, advice)
    else:
        yield passed(Check.JOURNAL, f"opens, {counted(len(journal.runs()), 'run')} in it")
