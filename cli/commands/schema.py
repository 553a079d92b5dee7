"""folioctl schema: the JSON Schemas of manifests, documents and scenarios, generated from the models."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.domain.exits import ExitCode


def schema(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One schema, such as Portfolio or Plan.")] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Fail where the files below DIR are not what the models say.")
    ] = None,
    write: Annotated[Path | None, typer.Option(metavar="DIR", help="Write all schemas below DIR.")] = None,
) -> None:
    """List the schemas, print one, or write or check the files of all."""
    texts = _all()
    if write is not None:
        for path, text in texts.items():
            (write / path).parent.mkdir(parents=True, exist_ok=True)
            (write / path).write_text(text, encoding="utf-8")
        return
    if check is not None:
        _check(texts, check)
    elif name is not None:
        _print(texts, name)
    else:
        for path in texts:
            typer.echo(path)


def _all() -> dict[Path, str]:
    from reconciler.manifests import schema as manifest_schema
    from reconciler.reports.documents import document_schemas
    from reconciler.simgateway.scenario import schema as scenario_schema

    found = {Path("v1") / file: manifest_schema.text(each) for file, each in manifest_schema.schemas().items()}
    found |= {Path(file): manifest_schema.text(each) for file, each in document_schemas().items()}
    found[Path(scenario_schema.FILE)] = manifest_schema.text(scenario_schema.schema())
    return dict(sorted(found.items()))


def _check(texts: dict[Path, str], directory: Path) -> None:
    stale = [path for path, text in texts.items() if not _is(directory / path, text)]
    known = {directory / path for path in texts}
    stray = [path for path in sorted(directory.rglob("*.json")) if path not in known]
    for path in stale:
        typer.echo(f"{directory / path} is not what the models say: run `make schemas`", err=True)
    for path in stray:
        typer.echo(f"{path} belongs to no model: remove it", err=True)
    raise typer.Exit(ExitCode.ERROR if stale or stray else ExitCode.OK)


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _print(texts: dict[Path, str], name: str) -> None:
    from reconciler.diagnostics import did_you_mean

    for path, text in texts.items():
        if path.stem.lower() == name.lower():
            typer.echo(text, nl=False)
            return
    known = ", ".join(path.stem for path in texts)
    hint = did_you_mean(name, [path.stem for path in texts])
    raise typer.BadParameter(f"there is no schema '{name}'. {hint} There is {known}.")
