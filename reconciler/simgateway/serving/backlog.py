"""Backlog: a transport with a limit for peers that do not read what they asked for.

What a peer does not take is kept for it, and would be without end. How much the real gateway keeps is not
documented; this limit is an assumption, wide enough for the books of a busy day in one answer.
"""

import asyncio

LARGEST_BACKLOG_BYTES = 8 << 20


class BoundedTransport:
    """Writes until more than `limit` bytes wait for the peer; then the connection ends at once, unsent bytes lost."""

    def __init__(self, transport: asyncio.Transport, limit: int = LARGEST_BACKLOG_BYTES) -> None:
        self._transport = transport
        self._limit = limit
        self._over = False

    def write(self, data: bytes) -> None:
        """Send, without waiting; nothing more is taken once the limit was passed."""
        if self._over:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._limit:
            self._over = True
            self._transport.abort()

    def close(self) -> None:
        """Close after what was written."""
        self._transport.close()
