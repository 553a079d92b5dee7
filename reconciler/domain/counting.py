"""How many there are of something, as people write it."""

from collections.abc import Mapping


def counted(number: int, noun: str) -> str:
    """`1 order`, `2 orders`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counted_each(numbers: Mapping[str, int], noun: str) -> str:
    """`1 target for main, 12 for savings`."""
    first, *others = numbers.items()
    return ", ".join([f"{counted(first[1], noun)} for {first[0]}", *(f"{each} for {name}" for name, each in others)])
