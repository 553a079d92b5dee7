"""What a run leaves behind on disk: its document, and the account after it."""

from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import StateUnavailable
from reconciler.domain.events import Notice
from reconciler.domain.exits import of_run
from reconciler.domain.plan import Plan
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.run import RunResult
from reconciler.ports import EventSink, ReportStore, RunRecorder

if TYPE_CHECKING:
    from reconciler.settings import Settings

TOOL = f"folioctl {__version__}"
"""The program and its version, as every document names them."""


def run_recorder(account: AccountSpec, settings: "Settings", sink: EventSink) -> RunRecorder:
    """The recorder of this state directory."""
    from reconciler.adapters.reportstore import DirectoryReportStore

    return _Recorder(
        DirectoryReportStore(settings.state / "reports"),
        DirectoryReportStore(settings.snapshots or settings.state / "portfolio_snapshots"),
        account.policy,
        sink,
    )


class _Recorder:
    """RunRecorder: the Run document into the report store, and the account after the run among the snapshots."""

    def __init__(self, reports: ReportStore, snapshots: ReportStore, policy: ExecutionPolicy, sink: EventSink) -> None:
        self._reports = reports
        self._snapshots = snapshots
        self._policy = policy
        self._sink = sink

    def record(self, result: RunResult, plan: Plan) -> str:
        """Write `run-ID.json` and return its text; and `snapshot-ID.json`, which a run can do without."""
        from reconciler.reports.documents import run_document, snapshot_document, text_of

        text = text_of(run_document(result, plan, tool=TOOL, exit_code=of_run(result, plan)))
        self._reports.write(f"run-{result.id}.json", text)
        snapshot = text_of(snapshot_document(result, plan, self._policy, tool=TOOL))
        try:
            self._snapshots.write(f"snapshot-{result.id}.json", snapshot)
        except StateUnavailable as error:
            self._sink.emit(Notice(f"the snapshot was not kept: {error}"))
        return text
