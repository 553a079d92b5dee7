"""Chains of manifests that refer to others of their kind: in which order to work them out, and circles in them."""

from collections.abc import Iterator, Mapping, Sequence


def in_order(links: Mapping[str, Sequence[str]]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The names, each behind all that it leads to, and every circle that was met, from its first name by the alphabet.

    A name that `links` does not have leads nowhere. What is in a circle is in the order too, somewhere.
    """
    done: dict[str, None] = {}
    circles: dict[tuple[str, ...], None] = {}
    for first in sorted(links):
        if first not in done:
            _walk(first, links, done, circles)
    return list(done), list(circles)


def _walk(
    first: str, links: Mapping[str, Sequence[str]], done: dict[str, None], circles: dict[tuple[str, ...], None]
) -> None:
    """Depth first, without recursion: a chain may be longer than Python's stack."""
    path: dict[str, Iterator[str]] = {first: iter(links[first])}
    while path:
        name, onward = next(reversed(path.items()))
        following = next(onward, None)
        if following is None:
            del path[name]
            done[name] = None
        elif following in path:
            names = list(path)
            circles[_turned(tuple(names[names.index(following) :]))] = None
        elif following in links and following not in done:
            path[following] = iter(links[following])


def _turned(circle: tuple[str, ...]) -> tuple[str, ...]:
    begin = circle.index(min(circle))
    return circle[begin:] + circle[:begin]
