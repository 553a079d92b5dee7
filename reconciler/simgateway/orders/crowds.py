"""How many orders work in each contract, on each side, in each account: kept as they come and go."""

from collections import Counter

Place = tuple[str, int, str]
"""Account, contract id and side."""


class Crowds:
    """Counts orders by their place. An order is named by its permanent id."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._counts: Counter[Place] = Counter()

    def enter(self, perm_id: int, place: Place) -> None:
        """An order works; to say so again changes nothing."""
        if perm_id not in self._places:
            self._places[perm_id] = place
            self._counts[place] += 1

    def leave(self, perm_id: int) -> None:
        """An order works no more, or never did."""
        place = self._places.pop(perm_id, None)
        if place is not None:
            self._counts[place] -= 1

    def __getitem__(self, place: Place) -> int:
        return self._counts[place]
