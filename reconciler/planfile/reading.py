"""Text → PlanDocument: what can be wrong with a file, and what to tell its owner."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from reconciler.domain.errors import PlanUnreadable
from reconciler.planfile.document import PlanDocument
from reconciler.planfile.envelope import FORMAT_VERSION
from reconciler.planfile.making import content_digest

_PLAN_AGAIN = "make a new one with `folioctl plan -o FILE`"
_MAJOR = FORMAT_VERSION.partition(".")[0]
_SHOWN = 3


def parsed(text: str) -> PlanDocument:
    """The document in `text`, whole and unchanged. Raises PlanUnreadable."""
    raw = _object(text)
    _require_format(raw)
    try:
        document = PlanDocument.model_validate_json(text)
    except ValidationError as error:
        raise PlanUnreadable(f"the plan is incomplete or malformed: {_first(error.errors())}; {_PLAN_AGAIN}") from error
    if content_digest(raw) != document.digest:
        raise PlanUnreadable(f"the plan was changed after it was written (its digest does not fit); {_PLAN_AGAIN}")
    if len(document.accounts) != 1:
        raise PlanUnreadable(f"the plan is for {len(document.accounts)} accounts, and apply takes one; {_PLAN_AGAIN}")
    return document


def _object(text: str) -> dict[str, Any]:
    try:
        raw = from_json(text)
    except ValueError as error:
        raise PlanUnreadable(f"the file is not JSON ({error}); {_PLAN_AGAIN}") from error
    if not isinstance(raw, dict):
        raise PlanUnreadable(f"the file is JSON but no folioctl document; {_PLAN_AGAIN}")
    return raw


def _require_format(raw: dict[str, Any]) -> None:
    version, kind = raw.get("format_version"), raw.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        raise PlanUnreadable(f"the file is JSON but no folioctl document; {_PLAN_AGAIN}")
    if version.partition(".")[0] != _MAJOR:
        writer = raw.get("tool", "another version")
        raise PlanUnreadable(
            f"the document has format {version}, written by {writer}, and this folioctl reads format {_MAJOR}.x: "
            f"use the one that wrote it, or {_PLAN_AGAIN}"
        )
    if kind != "Plan":
        raise PlanUnreadable(f"the file is a {kind} document, not a plan; {_PLAN_AGAIN}")


def _first(errors: list[ErrorDetails]) -> str:
    shown = [f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in errors[:_SHOWN]]
    rest = len(errors) - len(shown)
    return "; ".join(shown) + (f" (and {rest} more)" if rest else "")
