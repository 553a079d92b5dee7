"""Layers: mappings that state some keys of one section; for each key, the first layer that states it holds.

An Account over its template, RiskLimits over their parent, an overlay over both. A mapping below a key is taken as a
whole: nothing is merged that a reader would have to put together from two files.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from reconciler.diagnostics import Location
from reconciler.manifests.base import Section, fields_of, valid
from reconciler.manifests.entry import Entry
from reconciler.yamlsource import Document, YamlPath

SectionT = TypeVar("SectionT", bound=Section)


@dataclass(frozen=True)
class Layer:
    """One mapping of a document, and the manifest that it is in."""

    entry: Entry
    path: YamlPath
    model: type[Section]

    @property
    def data(self) -> dict[str, Any]:
        """What it states; nothing, where it is no mapping or is of another version."""
        written = self._written
        return written if isinstance(written, dict) else {}

    @property
    def _written(self) -> Any:
        data = self.entry.spec
        for part in self.path[1:]:
            data = data.get(part, {}) if isinstance(data, dict) else None
        return data

    @property
    def document(self) -> Document:
        """The text that it is in."""
        return self.entry.document

    @property
    def is_clear(self) -> bool:
        """Whether it can be read and every key of it is known; one that is not was perhaps meant to be another."""
        return isinstance(self._written, dict) and self.data.keys() <= fields_of(self.model).keys()

    def value(self, key: str) -> Any:
        """What it states of a key; None where that is wrong."""
        return valid(self.model, key, self.data[key])

    def locate(self, key: str) -> Location:
        """Where the key's value begins."""
        return self.document.locate((*self.path, key))


@dataclass(frozen=True)
class Layered:
    """A section whose keys come from several layers. `is_whole` where no layer is missing that one refers to."""

    layers: tuple[Layer, ...]
    is_whole: bool = True

    @property
    def is_clear(self) -> bool:
        """Whether what nobody states is left at its default for certain."""
        return self.is_whole and all(each.is_clear for each in self.layers)

    def stating(self, key: str) -> Layer | None:
        """The layer that the key's value comes from; None where it is left at its default."""
        return next((each for each in self.layers if key in each.data), None)

    def value(self, key: str) -> Any:
        """What holds for a key, its default where nobody states it. None where it is wrong, missing or not clear."""
        layer = self.stating(key)
        if layer is not None:
            return layer.value(key)
        model = self.layers[-1].model
        if not self.is_clear:
            return None
        return fields_of(model)[key].get_default(call_default_factory=True, validated_data={})

    def section(self, model: type[SectionT]) -> SectionT | None:
        """All of it together; None where something is wrong with any of it."""
        if not self.is_clear:
            return None
        known = fields_of(model)
        merged: dict[str, Any] = {}
        for each in reversed(self.layers):
            merged |= {key: value for key, value in each.data.items() if key in known}
        try:
            return model.model_validate(merged)
        except ValidationError:
            return None

    def places(self, model: type[Section]) -> dict[str, Location]:
        """Where each field of the model is stated, by its name, those of mappings below it as `mapping.field`.

        A default has no place.
        """
        found: dict[str, Location] = {}
        for name, info in model.model_fields.items():
            key = str(info.alias)
            layer = self.stating(key)
            if layer is not None:
                found[name] = layer.locate(key)
                found |= {f"{name}.{inner}": place for inner, place in _below(layer, key, info).items()}
        return found


def _below(layer: Layer, key: str, info: FieldInfo) -> dict[str, Location]:
    section = info.annotation
    if not (isinstance(section, type) and issubclass(section, Section) and isinstance(layer.data[key], dict)):
        return {}
    return {
        name: layer.document.locate((*layer.path, key, str(each.alias)))
        for name, each in section.model_fields.items()
        if each.alias in layer.data[key]
    }
