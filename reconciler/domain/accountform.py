"""What an account number says of itself: that it is the broker's, and of a paper or a live account."""

import re

from reconciler.domain.desired import Environment

_FORMS = {
    Environment.PAPER: re.compile(r"D(?:[FI]|U[A-Z]?)[0-9]{5,9}"),
    Environment.LIVE: re.compile(r"[FIU][0-9]{5,9}"),
}
"""U for one person, F for an adviser, I for an institution; D before them on paper."""


def environment_of(number: str) -> Environment | None:
    """Paper or live, by the form of an account number; None where it has not the form of one."""
    return next((each for each, form in _FORMS.items() if form.fullmatch(number)), None)
