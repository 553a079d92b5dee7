"""Whatever a plan holds, every rendering shows it: within its width, in its shape, and without a way to break out."""

import io
import json
import re

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reconciler.domain.plan import Plan
from reconciler.reports import annotations, documents, markdown, terminal
from tests.properties.plan_strategies import plans

TOOL = "folioctl 0.1.0"
SCHEMAS = {path: jsonschema.Draft202012Validator(schema) for path, schema in documents.document_schemas().items()}


@settings(max_examples=20)
@given(plans, st.integers(20, 200))
def test_no_line_on_a_terminal_is_wider_than_it_or_steers_it(plan: Plan, width: int) -> None:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, highlight=False, markup=False, emoji=False)

    terminal.show_plan(console, plan, apply_command="folioctl apply plan.json", detail=terminal.Detail.ALL)
    terminal.show_plan(console, plan, apply_command="folioctl apply plan.json", detail=terminal.Detail.CONCISE)
    for line in plan.lines:
        terminal.show_explanation(console, plan, line)
    terminal.show_drift(console, plan)

    lines = file.getvalue().split("\n")
    assert max(cell_len(line) for line in lines) <= width
    assert all(line.isprintable() for line in lines)


@settings(max_examples=20)
@given(plans)
def test_documents_are_valid_by_their_schemas(plan: Plan) -> None:
    for document in (documents.plan_document(plan, tool=TOOL), documents.drift_document(plan, tool=TOOL)):
        SCHEMAS[f"v1/documents/{document.kind}.json"].validate(json.loads(documents.text_of(document)))


@settings(max_examples=20)
@given(plans)
def test_every_row_of_a_markdown_table_has_the_cells_of_its_head(plan: Plan) -> None:
    for text in (markdown.plan_markdown(plan), markdown.drift_markdown(plan, shares=markdown.Shares.SHOWN)):
        tables = [block.strip().split("\n") for block in text.split("\n\n") if block.startswith("|")]
        assert all(len({len(re.findall(r"(?<!\\)\|", row)) for row in table}) == 1 for table in tables)
        assert sum(map(len, tables)) == sum(line.startswith("|") for line in text.split("\n"))


@settings(max_examples=20)
@given(plans)
def test_annotations_are_single_lines_and_ten_at_most(plan: Plan) -> None:
    commands = annotations.drift_annotations(plan)

    assert len(commands) <= annotations.LIMIT
    assert all(re.fullmatch(r"::warning title=[^:,\r\n]*::[^\r\n]*", command) for command in commands)
