"""The Spot: a value in a manifest or in a file of weights, whose place is looked up only where somebody asks for it."""

from typing import NamedTuple, Protocol

from reconciler.diagnostics import Location
from reconciler.yamlsource import YamlPath


class Source(Protocol):
    """A text that knows where its values stand: a Document, or a sheet of CSV."""

    def locate(self, path: YamlPath) -> Location:
        """Where the value at `path` begins, or what is nearest to it."""
        ...

    def locate_key(self, path: YamlPath) -> Location:
        """Where the key at the end of `path` stands."""
        ...


class Spot(NamedTuple):
    """One value of a text. There are as many as there are weights, so it is a tuple."""

    source: Source
    path: YamlPath

    @property
    def place(self) -> Location:
        """Where it begins."""
        return self.source.locate(self.path)

    def of(self, key: str) -> Location:
        """Where the value of one of its keys begins."""
        return self.source.locate((*self.path, key))
