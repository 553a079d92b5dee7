"""Dialling: whether anything answers at an address, before anybody speaks to it."""

import asyncio
import os
import socket
from datetime import timedelta


async def dial(host: str, port: int, patience: timedelta) -> str | None:
    """None where a TCP connection opens within `patience`; else why none does. It is closed at once."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer within {patience.total_seconds():g} s"
    except socket.gaierror:
        return f"there is no host named {host}"
    except OSError as error:
        # asyncio's own text repeats the address, and joins the failures of several into one.
        return os.strerror(error.errno) if error.errno else str(error)
    writer.close()
    return None
