"""No network but loopback: imported by the tests, and by every Python process they start, through PYTHONPATH.

An audit hook sees each connection and each name look-up of the interpreter, whatever library makes it.
"""

import sys
from typing import Any

_LOOPBACK = ("127.", "::1", "localhost")


def _refuse_what_is_not_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and host and not host.startswith(_LOOPBACK):
        raise PermissionError(f"tests reach nothing but loopback, not {host}")


sys.addaudithook(_refuse_what_is_not_loopback)
