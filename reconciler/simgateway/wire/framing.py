"""Frames: a 4-byte big-endian length, then text fields that each end in NUL. Sans-I/O.

Rule: nothing a peer sends may make this grow without bound: a frame longer than the limit is refused, not awaited.
"""

import struct
from collections.abc import Iterable, Iterator

LARGEST_REQUEST_BYTES = 0x8000
_LENGTH = struct.Struct(">I")


class FrameError(Exception):
    """The peer's bytes cannot be a frame; the connection cannot be brought back into step."""


class FrameReader:
    """Collects bytes as they come and yields whole frame payloads."""

    def __init__(self, limit: int = LARGEST_REQUEST_BYTES) -> None:
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that `data` completes. Raises FrameError for a frame over the limit."""
        self._pending += data
        start = 0
        try:
            while len(self._pending) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._pending, start)
                if length > self._limit:
                    raise FrameError(f"frame of {length} bytes, the limit is {self._limit}")
                end = start + _LENGTH.size + length
                if len(self._pending) < end:
                    break
                payload = bytes(self._pending[start + _LENGTH.size : end])
                start = end
                yield payload
        finally:
            del self._pending[:start]


def frame(fields: Iterable[str]) -> bytes:
    """One frame of NUL-terminated fields. A NUL inside a field would shift all that follow, so it is dropped."""
    texts = list(fields)
    text = "".join(f"{each}\0" for each in texts)
    if text.count("\0") != len(texts):
        text = "".join(f"{each.replace(chr(0), '')}\0" for each in texts)
    payload = text.encode()
    return _LENGTH.pack(len(payload)) + payload


def split(payload: bytes) -> list[str]:
    """The fields of a payload. Bytes that are no UTF-8 become escapes, as a peer's mistake is no reason to stop."""
    fields = payload.decode(errors="backslashreplace").split("\0")
    if fields[-1] == "":
        fields.pop()
    return fields
