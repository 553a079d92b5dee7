"""Recordings: all that came to a gateway and went from it, as JSON lines.

The first line tells what the gateway started from, each further one is a Frame of the log. A recording of a stepped
clock is the same byte for byte for the same scenario, seed and client.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self, TextIO

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from reconciler.simgateway.frames import Frame, Recorder
from reconciler.simgateway.wire.layouts import NEWEST_VERSION, OLDEST_VERSION

FORMAT = 1
LONGEST_SECONDS = 10**9
"""Thirty years: the longest that a recording lasts."""


class BadRecordingError(Exception):
    """The text is no recording; the message says where."""


class Origin(BaseModel):
    """What a gateway started from, besides its scenario: the time of day, its newest version, its seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    started: AwareDatetime
    max_version: int = Field(ge=OLDEST_VERSION, le=NEWEST_VERSION)
    seed: int = Field(ge=0)
    recording: int = FORMAT


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(ge=0, le=LONGEST_SECONDS)
    direction: Literal["open", "in", "out", "broken", "hangup", "close", "control"]
    client_id: int
    fields: tuple[str, ...]
    connection: int

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.direction in ("open", "control") and len(self.fields) != 1:
            raise ValueError(f"{self.direction} has one field")
        return self


@dataclass(frozen=True)
class Recording:
    """A recording as it was read."""

    origin: Origin
    frames: tuple[Frame, ...]


def recorder(stream: TextIO, origin: Origin) -> Recorder:
    """Write the first line, and give back what writes the others."""
    stream.write(origin.model_dump_json() + "\n")

    def write(frame: Frame) -> None:
        stream.write(json.dumps(frame._asdict()) + "\n")

    return write


def read(lines: Iterable[str]) -> Recording:
    """The recording in lines of text. Raises BadRecordingError."""
    origin: Origin | None = None
    frames = []
    for number, line in enumerate(lines, 1):
        try:
            if origin is None:
                origin = Origin.model_validate_json(line)
            else:
                frames.append(Frame(**_Line.model_validate_json(line).model_dump()))
        except ValidationError as problem:
            raise BadRecordingError(f"line {number}: {problem.errors(include_url=False)[0]['msg']}") from None
    if origin is None or origin.recording != FORMAT:
        raise BadRecordingError(f"it does not begin as a recording of format {FORMAT}")
    return Recording(origin, tuple(frames))
