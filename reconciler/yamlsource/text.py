"""From text to Documents: bounded, and with every fault of the text told at its place."""

import re
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource.document import Document
from reconciler.yamlsource.values import MAX_DEPTH, build
from reconciler.yamlsource.words import one_line

MAX_CHARACTERS = 1_000_000
MAX_SYNTAX_ERRORS = 20

TEXT_CODES: Mapping[str, str] = {
    "YML001": "The text is no YAML here: a bracket, quote or colon is missing, a tab indents, or an indent is uneven.",
    "YML002": "A mapping has the same key twice; one of them would be lost without a word.",
    "YML003": "The file is not UTF-8 text.",
    "YML004": "The file is too large, too deeply nested, or its aliases multiply beyond reason.",
    "YML005": "A tag such as `!include` or `!!binary`; only plain YAML values are understood.",
    "YML006": "A key that is a list or a mapping; keys are words.",
    "YML007": "The file cannot be read.",
    "YML008": "A merge key `<<` takes a mapping or a list of mappings, and an alias cannot contain itself.",
    "YML009": "A number that cannot be read exactly, or with more than forty characters.",
}
"""What each code of this package means."""

# The parser stumbles over some malformed escapes, tags and directives without a word of its own.
_STUMBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def load_file(path: Path, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """The documents of the file at `path`, which messages call `file`."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(4 * MAX_CHARACTERS + 1)
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        return [], [diagnostics.error("YML007", f"the file cannot be read: {reason}", Location(file))]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        place = _place_of_byte(raw, fault.start, file)
        return [], [diagnostics.error("YML003", "not UTF-8 text", place, suggestion="Save the file as UTF-8.")]
    return load(text, file)


def load(text: str, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """Every document of `text` that is not empty, and everything that is wrong with the text.

    After a syntax error the rest of that document is passed over and reading goes on at the next `---`.
    """
    if len(text) > MAX_CHARACTERS:
        summary = f"the file has more than {MAX_CHARACTERS:,} characters"
        return [], [diagnostics.error("YML004", summary, Location(file))]
    documents = []
    nodes, found = _compose(text, file)
    for node in nodes:
        data, faults = build(node, file)
        found.extend(faults)
        if data is not None:
            documents.append(Document(file, data, node))
    return documents, found


def _compose(text: str, file: str) -> tuple[list[Node], list[Diagnostic]]:
    nodes: list[Node] = []
    found: list[Diagnostic] = []
    begin: int | None = 0
    while begin is not None and len(found) < MAX_SYNTAX_ERRORS:
        # What was read before is blanked, not cut, so that lines keep their numbers.
        remaining = "\n" * text.count("\n", 0, begin) + text[begin:]
        fault = _compose_until_fault(remaining, file, nodes)
        if fault is None:
            break
        found.append(fault)
        begin = _next_document(text, begin, fault)
    return nodes, found


def _compose_until_fault(text: str, file: str, nodes: list[Node]) -> Diagnostic | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        constructor, _ = yaml.get_constructor_parser(text)
        while constructor.composer.check_node():
            nodes.append(constructor.composer.get_node())
    except MarkedYAMLError as fault:
        return _marked_fault(fault, file)
    except YAMLError as fault:
        place = _place_of_character(text, getattr(fault, "position", 0), file)
        return diagnostics.error("YML001", "not YAML: a character that text files do not hold", place)
    except _STUMBLES:
        place = Location(file, yaml.reader.line + 1, yaml.reader.column + 1)
        return diagnostics.error("YML001", "not YAML: an escape, tag or directive that means nothing", place)
    return None


def _marked_fault(fault: MarkedYAMLError, file: str) -> Diagnostic:
    mark = fault.problem_mark or fault.context_mark
    place = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
    problem = one_line(fault.problem or fault.context or "unreadable")
    if "maximum depth" in problem:
        return diagnostics.error("YML004", f"nested deeper than {MAX_DEPTH} levels", place)
    if "'\\t'" in problem:
        hint = "Indent with spaces."
        return diagnostics.error("YML001", "not YAML: a tab where an indent belongs", place, suggestion=hint)
    return diagnostics.error("YML001", f"not YAML: {problem}", place, detail=one_line(fault.context or ""))


def _next_document(text: str, begin: int, fault: Diagnostic) -> int | None:
    line = fault.location.line if fault.location else 1
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    position = starts[min(line, len(starts)) - 1]
    separator = re.compile(r"^---(?=\s|$)", re.MULTILINE).search(text, max(position, begin + 1))
    return separator.start() if separator else None


def _place_of_character(text: str, position: int, file: str) -> Location:
    begin = text.rfind("\n", 0, position) + 1
    return Location(file, text.count("\n", 0, position) + 1, position - begin + 1)


def _place_of_byte(raw: bytes, position: int, file: str) -> Location:
    before = raw[:position].decode("utf-8", errors="replace")
    return _place_of_character(before, len(before), file)
