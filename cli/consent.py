"""What was said beforehand about writing files."""

from dataclasses import dataclass
from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before a file is changed that is there already.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]


@dataclass(frozen=True)
class Consent:
    """Whether files that are there may be changed without a question, and whether nothing is to be written at all."""

    agreed: bool = False
    dry_run: bool = False
