"""Text files of the user's, written whole or not at all, and never over what somebody else wrote meanwhile."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from reconciler.adapters.privatefiles import sync_directory
from reconciler.domain.errors import Refused
from reconciler.domain.imported import WAITING, FileAction, FileChange

_PUBLIC, _PRIVATE = 0o644, 0o600


def current_text(path: Path) -> str | None:
    """The text of a file as it is, to the byte; None where there is none. Raises Refused where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise Refused(f"{path} cannot be read: {reason}") from fault


def write_changes(changes: Sequence[FileChange]) -> None:
    """Write what changes. Everything is on disk beside its place before the first file takes it.

    A file that is new replaces none, and one that was changed since it was read is left as it is. Raises Refused.
    A process that dies meanwhile leaves what did not take its place yet: manifests are not read while it is there.
    """
    wanted = [each for each in changes if each.action is not FileAction.KEEP]
    try:
        with ExitStack() as prepared:
            ready = [(each, _prepared(each, prepared)) for each in wanted]
            for change in wanted:
                _require_as_it_was(change)
            for change, temporary in ready:
                _put(change, temporary)
                prepared.pop_all()  # from here on, what is left of them tells that the change is half done
    except OSError as fault:
        raise Refused(f"{fault.filename2 or fault.filename} cannot be written: {fault.strerror}") from fault


def _prepared(change: FileChange, prepared: ExitStack) -> Path:
    """The new text in a file of its own in the same directory, durable; it is gone when `prepared` is left."""
    path = _place(change)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix, suffix = WAITING
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix.format(path.name), suffix=suffix)
    prepared.callback(Path(name).unlink, missing_ok=True)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(change.after)
        file.flush()
        os.fsync(file.fileno())
    is_new = change.before is None
    Path(name).chmod((_PRIVATE if change.is_private else _PUBLIC) if is_new else path.stat().st_mode & 0o777)
    return Path(name)


def _require_as_it_was(change: FileChange) -> None:
    path = _place(change)
    if current_text(path) == change.before:
        return
    if change.before is None:
        raise Refused(f"{path} came to be meanwhile, and is left as it is")
    raise Refused(f"{path} was changed meanwhile, and is left as it is: run this again")


def _put(change: FileChange, temporary: Path) -> None:
    path = _place(change)
    if change.before is None:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise Refused(f"{path} came to be meanwhile, and is left as it is") from None
        temporary.unlink()
    else:
        temporary.replace(path)
    sync_directory(path.parent)


def _place(change: FileChange) -> Path:
    """The file itself, where its name is a link to it."""
    path = Path(change.path)
    return path.resolve() if change.before is not None else path
