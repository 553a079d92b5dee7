"""What there is to say of a code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """One code: what was found, why it stands in the way, and an example of how it is written well."""

    what: str
    why: str
    example: str
