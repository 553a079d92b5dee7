"""The login: what holds for the whole gateway whichever client asks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Login:
    """The master client id, whose client is told the orders and fills of all others; None for none."""

    master_client_id: int | None = None
