"""Sources: files of manifests that are edited, each with the documents in it, and written as they were but for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from reconciler.domain.errors import Refused
from reconciler.manifests.entry import Entry
from reconciler.yamlsource import roundtrip

_MARK, _WINDOWS = "\ufeff", "\r\n"


@dataclass
class Source:
    """One file and its documents."""

    path: Path
    before: str
    documents: list[Any]

    @classmethod
    def read(cls, path: Path) -> "Source":
        """The file. Raises Refused where it cannot be read again."""
        try:
            before = path.read_bytes().decode("utf-8")
            return cls(path, before, roundtrip.read(before.removeprefix(_MARK).replace(_WINDOWS, "\n")))
        except (OSError, UnicodeDecodeError, YAMLError) as fault:
            raise Refused(f"{path} cannot be edited: {type(fault).__name__}") from fault

    @property
    def after(self) -> str:
        """Its text with what was changed, in its own line endings."""
        text = roundtrip.write(self.documents)
        ending = _WINDOWS if _WINDOWS in self.before else "\n"
        return (_MARK if self.before.startswith(_MARK) else "") + text.replace("\n", ending)


@dataclass
class Sources:
    """The files that are edited, each read once."""

    _files: dict[Path, Source] = field(default_factory=dict)

    def node(self, entry: Entry) -> Any:
        """The document of an entry, to be changed in place."""
        path = Path(entry.document.file)
        if path not in self._files:
            self._files[path] = Source.read(path)
        for document in self._files[path].documents:
            if _says(document, entry.kind, entry.name):
                return document
        raise Refused(f"{entry} is no longer in {path}: it was changed meanwhile")

    @property
    def texts(self) -> Mapping[Path, str]:
        """The files that say something else now."""
        return {path: source.after for path, source in self._files.items() if source.after != source.before}


def _says(document: Any, kind: str, name: str | None) -> bool:
    return document is not None and document.get("kind") == kind and document["metadata"]["name"] == name
