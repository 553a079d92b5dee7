"""What is said of the settings in `.env.example` and in the documents: made from the model's own descriptions."""

import re
import textwrap
from collections.abc import Iterator

from reconciler.settings import variables

ACCOUNT_ID = "IB_ACCOUNT_ID"
"""No setting of ours: the name under which the example's manifest asks for the account's number."""

_ABOUT_IT = "The broker's account number, if the manifest's `accountIdFrom.env` gives this name."
_NO_ACCOUNT = "DU0000000"
_HEADING = """\
# Copy to .env, which Git ignores, and fill in. The process's environment wins over the keyring (service
# ib-portfolio-rebalancer), the keyring over this file. `folioctl status --settings` shows what is in force, and whence.
"""
_WIDTH = 118
_MARKED = re.compile(r"(<!-- settings -->\n).*?(<!-- settings: end -->)", re.DOTALL)


def env_example() -> str:
    """The text of `.env.example`: each variable that a person may set, with its meaning and an example, switched off.

    The account's number alone is on: nothing works without it.
    """
    return "\n".join([_HEADING, *_entry(_ABOUT_IT, f"{ACCOUNT_ID}={_NO_ACCOUNT}"), *_entries()])


def _entries() -> Iterator[str]:
    for name, field in variables().items():
        for example in field.examples or ():  # what only build services set has none
            yield from _entry(field.description or "", f"#{name}={example}")


def _entry(meaning: str, line: str) -> Iterator[str]:
    plain = meaning.replace("`", "")
    yield from (f"# {each}" for each in textwrap.wrap(plain, _WIDTH))
    yield f"{line}\n"


def refreshed(page: str) -> str:
    """`page` with the table of all variables, as they are now, between its markers."""
    rows = [(ACCOUNT_ID, _ABOUT_IT), *((name, each.description or "") for name, each in variables().items())]
    table = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in rows)
    return _MARKED.sub(lambda found: f"{found[1]}\n| Variable | Meaning |\n|---|---|\n{table}\n{found[2]}", page)
