"""YAML text with positions: what a person wrote, where each piece of it stands, and what is wrong with it.

Neutral: serves the manifests and the simulated gateway's scenarios, and knows neither. Whatever the text holds, the
answer is values and Diagnostics, never an exception. The parser only says what stands where; the values are built
here, by YAML 1.2, so that `0.13` becomes exactly `Decimal("0.13")`, every key is text, and everything keeps its place.

    text ─text.load─▶ Documents ─shape.parse─▶ a Pydantic model, or every reason why it is none
"""

from reconciler.yamlsource.comments import Comment, comments
from reconciler.yamlsource.document import Document, YamlPath
from reconciler.yamlsource.shape import SHAPE_CODES, parse
from reconciler.yamlsource.text import TEXT_CODES, irregular, lines_of, load, load_file, read_text
from reconciler.yamlsource.words import dotted, printable, shown

__all__ = [
    "SHAPE_CODES",
    "TEXT_CODES",
    "Comment",
    "Document",
    "YamlPath",
    "comments",
    "dotted",
    "irregular",
    "lines_of",
    "load",
    "load_file",
    "parse",
    "printable",
    "read_text",
    "shown",
]
