"""Backlog: a transport with a limit for peers that do not read what they asked for.

What a peer does not take is kept for it, and would be without end. How much the real gateway keeps is not
documented; this limit is an assumption, wide enough for the books of a busy day in one answer.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

LARGEST_BACKLOG_BYTES = 8 << 20
_PIECE_BYTES = 1 << 16


class BoundedTransport:
    """Writes until more than `limit` bytes wait for the peer; then the connection ends at once, unsent bytes lost."""

    def __init__(self, transport: asyncio.Transport, limit: int = LARGEST_BACKLOG_BYTES) -> None:
        self._transport = transport
        self._limit = limit
        self._over = False
        self._gathered = bytearray()
        self._gathering = False

    def write(self, data: bytes) -> None:
        """Send, without waiting; nothing more is taken once the limit was passed."""
        if self._over:
            return
        self._gathered += data
        if not self._gathering or len(self._gathered) >= _PIECE_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._gathered:
            self._transport.write(bytes(self._gathered))
            self._gathered.clear()
        if self._transport.get_write_buffer_size() > self._limit:
            self._over = True
            self._transport.abort()

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Send what is written meanwhile in large pieces: handing over each reply costs more than making it."""
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            self._flush()

    def close(self) -> None:
        """Close after what was written."""
        self._flush()
        self._transport.close()
