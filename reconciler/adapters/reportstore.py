"""Documents in the state directory. Each is there whole or not at all, whatever is killed when."""

import os
import tempfile
from pathlib import Path

from reconciler.adapters.privatefiles import file_name, make_private_directory, sync_directory
from reconciler.domain.errors import Refused, StateUnavailable


class DirectoryReportStore:
    """The ReportStore port over one directory (mode 0700) of files (mode 0600)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, text: str) -> str:
        """Write `text` durably, in the place of an older document of the same name, and give its path.

        Raises StateUnavailable where the file cannot be written, Refused where the name cannot name one.
        """
        path = self._directory / file_name(name)
        try:
            make_private_directory(self._directory)
        except Refused as error:
            # Orders may have been sent: this is no refusal any more.
            raise StateUnavailable(str(error)) from error
        # A report must not fail over a broken character in a broker's message.
        content = text.encode("utf-8", errors="backslashreplace")
        try:
            self._replace(path, content)
        except OSError as error:
            raise StateUnavailable(f"{path} cannot be written: {error.strerror}") from error
        return str(path)

    def _replace(self, path: Path, content: bytes) -> None:
        descriptor, draft_name = tempfile.mkstemp(prefix=".draft-", dir=self._directory)  # mode 0600
        draft = Path(draft_name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_directory(self._directory)
