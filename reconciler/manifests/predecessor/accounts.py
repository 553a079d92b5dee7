"""The predecessor's accounts: their numbers, their currencies, and whether they are paper or live."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment
from reconciler.manifests.account_rules import CUSTOMARY_PORTS
from reconciler.manifests.predecessor.env import EnvEntry
from reconciler.manifests.predecessor.variables import ACCOUNT_ID, ACCOUNTS, BASE_CURRENCY, PORT

_NUMBER = re.compile(r"[A-Za-z]{1,3}[0-9]{1,12}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DEFAULT_CURRENCY = "USD"


@dataclass(frozen=True)
class EnvAccount:
    """One account. `number` is None where the file has the template's placeholder. `variable` is to hold it."""

    number: str | None
    currency: str
    variable: str


def accounts_of(entries: Mapping[str, EnvEntry]) -> tuple[tuple[EnvAccount, ...], tuple[Diagnostic, ...]]:
    """The accounts in their order, the default first; and what is wrong with them."""
    currency, faults = _base_currency(entries)
    listed = entries.get(ACCOUNTS)
    if listed is not None and listed.value:
        pairs, wrong = _listed(listed, currency)
        return _named(pairs), (*faults, *wrong)
    single = entries.get(ACCOUNT_ID)
    number = single.value.upper() if single is not None and _NUMBER.fullmatch(single.value) else None
    return _named([(number, currency)]), faults


def _base_currency(entries: Mapping[str, EnvEntry]) -> tuple[str, tuple[Diagnostic, ...]]:
    entry = entries.get(BASE_CURRENCY)
    if entry is None or not entry.value:
        return _DEFAULT_CURRENCY, ()
    currency = entry.value.upper()
    if _CURRENCY.fullmatch(currency):
        return currency, ()
    summary = f"{BASE_CURRENCY} is not a currency's three letters, such as USD"
    return _DEFAULT_CURRENCY, (diagnostics.error("ENV003", summary, entry.place),)


def _listed(entry: EnvEntry, base: str) -> tuple[list[tuple[str | None, str]], list[Diagnostic]]:
    found: list[tuple[str | None, str]] = []
    faults: list[Diagnostic] = []
    for place, part in enumerate((each.strip() for each in entry.value.split(",")), start=1):
        number, colon, currency = (each.strip() for each in part.partition(":"))
        currency = currency.upper() if colon else base
        if not _NUMBER.fullmatch(number) or not _CURRENCY.fullmatch(currency):
            summary = f"entry {place} of {ACCOUNTS} is not an account's number and a currency, such as DU0000000:USD"
            faults.append(diagnostics.error("ENV003", summary, entry.place))
        elif number.upper() in {each for each, _ in found}:
            summary = f"entry {place} of {ACCOUNTS} is an account that stands there already"
            faults.append(diagnostics.error("ENV003", summary, entry.place))
        else:
            found.append((number.upper(), currency))
    return found, faults


def _named(pairs: Sequence[tuple[str | None, str]]) -> tuple[EnvAccount, ...]:
    return tuple(
        EnvAccount(number, currency, ACCOUNT_ID if place == 1 else f"{ACCOUNT_ID}_{place}")
        for place, (number, currency) in enumerate(pairs, start=1)
    )


def environment_of(
    accounts: Sequence[EnvAccount], entries: Mapping[str, EnvEntry], said: Environment | None
) -> tuple[Environment | None, tuple[Diagnostic, ...]]:
    """Paper or live: as the numbers say, as the port says and as was said; all that is known has to agree."""
    votes = list(_votes(accounts, entries))
    known = {vote for vote, _, _ in votes} | ({said} if said is not None else set())
    if len(known) == 1:
        return known.pop(), ()
    if not known:
        hint = "Say --environment paper or --environment live."
        summary = "neither an account's number nor the port says whether this is paper or live"
        return None, (diagnostics.error("ENV004", summary, suggestion=hint),)
    words = ", ".join(words for _, words, _ in votes)
    said_too = f", --environment says {said}" if said is not None else ""
    place = votes[-1][2].place
    hint = "One gateway is logged in to paper or to live, never to both."
    return None, (diagnostics.error("ENV004", f"paper and live: {words}{said_too}", place, suggestion=hint),)


def _votes(
    accounts: Sequence[EnvAccount], entries: Mapping[str, EnvEntry]
) -> Iterator[tuple[Environment, str, EnvEntry]]:
    """What says paper or live, in which words, and by which variable."""
    listed = entries.get(ACCOUNTS)
    source = listed if listed is not None and listed.value else entries.get(ACCOUNT_ID)
    for place, account in enumerate(accounts, start=1):
        if account.number is not None and source is not None:
            vote = Environment.of_account(account.number)
            which = f"account {place}" if len(accounts) > 1 else "the account"
            yield vote, f"{which} is a {vote} account by its number", source
    port = entries.get(PORT)
    if port is not None and re.fullmatch("[0-9]{1,5}", port.value) and int(port.value) in CUSTOMARY_PORTS:
        vote = CUSTOMARY_PORTS[int(port.value)]
        yield vote, f"port {port.value} is customary for {vote}", port
