"""One text in canonical form, or the reason why it stays as it is."""

from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.manifests.formatting import editorline, envelope
from reconciler.manifests.formatting.guard import difference
from reconciler.yamlsource import layout


def formatted(text: str, file: str, schemas: Path | None = None) -> tuple[str | None, list[Diagnostic]]:
    """The canonical form of a file's `text`, or None and what is wrong with the file, which messages call `file`.

    `schemas` is the folder `schemas/v1` that the file's editor line leads to, as seen from the file's own folder;
    the published schemas without one.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    documents, found = yamlsource.load(text, file)
    if found:
        return None, found
    try:
        laid = layout.laid_out(text)
        arranged = envelope.arranged(laid)
        whole = editorline.with_line(arranged, [document.data for document in documents], schemas)
        whole = whole if whole == laid else layout.laid_out(whole)
        lost = difference(text, whole)
    except layout.Unplaced as fault:
        lost = str(fault)
    if lost:
        summary = f"the file stays as it is: its canonical form would not say the same, {lost}"
        hint = "Write that piece in a plainer way, and report the file if you can."
        return None, [diagnostics.error("FMT001", summary, Location(file), suggestion=hint)]
    return whole, []
