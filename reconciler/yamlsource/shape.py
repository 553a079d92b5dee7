"""From a Document to a Pydantic model, or to every reason why it is none, each at its place and in plain words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.yamlsource.document import Document, YamlPath
from reconciler.yamlsource.plain import is_number
from reconciler.yamlsource.words import dotted, one_line, printable, shown

_MANY_WORDS = 12
"""A choice of more words than this is not written out where one of them is close."""

_NUMBER_WANTED = re.compile(r"must be a (?:whole )?number( with a unit)?")
_WITH_UNIT = re.compile(r"([1-9][0-9]{0,4}) ?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)", re.IGNORECASE)

ModelT = TypeVar("ModelT", bound=BaseModel)

SHAPE_CODES: Mapping[str, str] = {
    "001": "A key that this place does not have, often a misspelling.",
    "002": "A required key is missing.",
    "003": "A value of the wrong type, for example text where a number belongs.",
    "004": "A value that is not among the allowed words.",
    "005": "A number, or a count of items, outside its range.",
    "006": "A value in a form that is not understood.",
}
"""What each number means that `parse` puts behind its caller's prefix."""

# Pydantic's error types, grouped; what no row matches is a value in a form that is not understood.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("001", re.compile(r"extra_forbidden")),
    ("002", re.compile(r"missing.*")),
    ("003", re.compile(r".*_type|.*_parsing|.*_parsing_size|int_from_float|is_instance_of")),
    ("004", re.compile(r"enum|literal_error|union_tag_invalid")),
    ("005", re.compile(r"greater_than.*|less_than.*|finite_number|multiple_of|decimal_.*|.*too_(long|short)")),
)

_TYPES: Mapping[str, str] = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "frozen_set": "a list",
    "dict": "a mapping of keys to values",
    "mapping": "a mapping of keys to values",
    "model": "a mapping of keys to values",
}

_RANGES: Mapping[str, str] = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
}


def parse(document: Document, model: type[ModelT], prefix: str) -> tuple[ModelT | None, list[Diagnostic]]:
    """The document as a `model`, or None and one diagnostic for each error, its code `prefix` and a number.

    A ValueError of the model's own validators is shown as it reads: it completes "the value …".
    """
    try:
        return model.model_validate(document.data), []
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
        unknown = _unknown(errors)
        new = [each for each in errors if not document.is_faulty(each["loc"]) and not _is_misspelt(each, unknown)]
        return None, [_diagnostic(document, model, prefix, each) for each in new]


def _unknown(errors: Iterable[ErrorDetails]) -> Mapping[YamlPath, list[str]]:
    """The keys that nobody knows, by the mapping in which they stand."""
    unknown: dict[YamlPath, list[str]] = {}
    for each in errors:
        if each["type"] == "extra_forbidden":
            unknown.setdefault(each["loc"][:-1], []).append(str(each["loc"][-1]))
    return unknown


def _is_misspelt(fault: ErrorDetails, unknown: Mapping[YamlPath, list[str]]) -> bool:
    """Whether a key is missing only because it stands beside with a slip in it: that is one mistake."""
    if fault["type"] != "missing":
        return False
    *parent, key = fault["loc"]
    return any(diagnostics.did_you_mean(each, [str(key)]) for each in unknown.get(tuple(parent), ()))


def _diagnostic(document: Document, model: type[BaseModel], prefix: str, fault: ErrorDetails) -> Diagnostic:
    path = fault["loc"]
    number = next((number for number, kind in _KINDS if kind.fullmatch(fault["type"])), "006")
    code, parent = prefix + number, path[:-1]
    within = f" in {dotted(parent)}" if parent else ""
    if number == "001":
        known = _keys_at(model, parent)
        hint = diagnostics.did_you_mean(str(path[-1]), known) or f"It takes {', '.join(known)}."
        summary = f"unknown key '{printable(path[-1])}'{within}"
        return diagnostics.error(code, summary, document.locate_key(path), suggestion=hint)
    if number == "002":
        summary = f"key '{printable(path[-1])}' is missing{within}"
        return diagnostics.error(code, summary, document.locate_key(parent))
    written = document.source(path)
    nothing_is_written = written is None or fault["input"] is None
    sentence, hint = _sentence(number, fault, shown(fault["input"]) if nothing_is_written else shown(written))
    summary = f"{dotted(path) or 'the document'} {sentence}"
    return diagnostics.error(code, summary, document.locate(path), suggestion=hint)


def _sentence(number: str, fault: ErrorDetails, written: str) -> tuple[str, str]:
    value, context = fault["input"], fault.get("ctx", {})
    if number == "003":
        kind = re.sub(r"_(type|parsing|parsing_size|from_float|attributes_type)$", "", fault["type"])
        wanted = _TYPES.get(kind, kind)
        sentence = f"must be {wanted}, not {written}"
        quotable = wanted == "text" and isinstance(value, bool | int | Decimal)
        return sentence, f"Write it in quotes: {written}." if quotable else _hint(sentence, value)
    if number == "004":
        words = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags", ""))))
        hint = diagnostics.did_you_mean(value, words) if isinstance(value, str) else ""
        choice = ", ".join(words) if len(words) <= _MANY_WORDS or not hint else f"{len(words)} words"
        return f"must be one of {choice}, not {written}", hint
    if number == "005":
        sentence = _RANGES.get(fault["type"], _plain(fault["msg"])).format(**context)
        return f"{sentence}, not {written}", ""
    sentence = str(context["error"]) if "error" in context else _plain(fault["msg"])
    return sentence, _hint(sentence, value)


def _hint(sentence: str, value: Any) -> str:
    """How to write a number or a duration that was written as people write it elsewhere."""
    wanted = _NUMBER_WANTED.match(sentence)
    if wanted is None or not isinstance(value, str):
        return ""
    if wanted[1]:
        duration = _WITH_UNIT.fullmatch(value)
        return f"Write {duration[1]}{duration[2][0].lower()}." if duration else ""
    if is_number(value):
        return f"Write it without quotes: {value}."
    if re.fullmatch(r"-?[0-9]+,[0-9]+ ?%?", value):
        return f"Write a point: {value.replace(',', '.')}."
    if re.fullmatch(r"-?[0-9.,_']+ ?[A-Za-z$€£]{1,3}|[A-Z$€£]{1,3} ?-?[0-9.,_']+", value):
        return "Write the number alone."
    return ""


def _plain(message: str) -> str:
    return one_line(message[:1].lower() + message[1:])


def _keys_at(model: type[BaseModel], path: YamlPath) -> list[str]:
    candidates = [model]
    for part in path:
        inner = [
            nested
            for each in candidates
            for name, info in each.model_fields.items()
            if part in (info.alias, name)
            for nested in _models_within(info.annotation)
        ]
        # A list's index or a union's tag is no field: it stays within the same models.
        candidates = inner or candidates
    return sorted({info.alias or name for each in candidates for name, info in each.model_fields.items()})


def _models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_within(argument)
