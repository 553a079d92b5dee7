"""What an account was adopted as, in manifests: a whole set, a change of those that are there, or a Portfolio beside.

Each says which files would have which texts, and how the manifests can be tried with them before any is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import AccountSpec, CurrencyFunding
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountName
from reconciler.domain.unknown import Unknown
from reconciler.manifests.entry import Entry
from reconciler.manifests.load import check
from reconciler.manifests.portfolio import Portfolio
from reconciler.manifests.resolution import Resolution, ResolvedAccount
from reconciler.manifests.writing.edits import Editor
from reconciler.manifests.writing.portfolio import PortfolioChange, WrittenLine, begun, change, portfolio_text
from reconciler.manifests.writing.profile import Profile, concentration
from reconciler.manifests.writing.setup import Setup, written
from reconciler.manifests.writing.trial import load_with
from reconciler.manifests.writing.values import Values, inline
from reconciler.planning.adopt import AdoptedLine, Adoption
from reconciler.planning.room import ASSUMED_RATE, Room, room_above

Texts = Mapping[Path, str]

_PLAIN_KEYS = frozenset({"targets", "cash", "moved", "longOnly", "allowEmpty"})
"""The keys of a Portfolio's spec with which its weights are all its own, and can be written anew."""
_PERCENT = Decimal("0.01")


@dataclass(frozen=True)
class Proposed:
    """`texts` would be written. Those of `trial`, below `directory`, make the account `name` as it would then be."""

    directory: Path
    name: AccountName
    texts: Texts
    trial: Texts
    notes: tuple[str, ...] = ()

    def account(self) -> AccountSpec | tuple[Diagnostic, ...]:
        """The account by the manifests that would be, or everything that is wrong with them."""
        desired, found = load_with(self.directory, self.trial)
        if desired is None:
            return found
        return next(each for each in desired.accounts if each.name == self.name)


# --------------------------------------------------------------------------------------------------- a whole set


def fresh(directory: Path, setup: Setup, profile: Profile, adoption: Adoption) -> Proposed:
    """A whole set of manifests. `setup` holds the one account, and what is known before it is read.

    Raises Refused where no limits leave the account where it is.
    """
    room = _room(adoption, profile)
    margin = profile.wider(room, adoption.leverage, adoption.initial_rate or Decimal(0))
    (account,) = setup.accounts
    values = {**account.values, ("leverage",): adoption.leverage, **_funding(adoption, CurrencyFunding.CONVERT)}
    setup = replace(
        setup,
        accounts=(replace(account, values=values),),
        limits={
            **setup.limits,
            **profile.limits(room, adoption.leverage),
            **margin,
            **concentration(adoption.largest, adoption.undeclared_share),
        },
        lines=[line_of(each) for each in adoption.lines],
        cash=adoption.cash,
        long_only=adoption.long_only,
    )
    texts = {directory / name: text for name, text in written(setup).items()}
    return Proposed(directory, AccountName(account.name), texts, texts, _notes(adoption, room, margin, profile))


def _room(adoption: Adoption, profile: Profile) -> Room:
    rate = max((adoption.maintenance_rate or Decimal(0)).quantize(_PERCENT, ROUND_CEILING), ASSUMED_RATE)
    room = room_above(adoption.leverage, emergency=profile.emergency_leverage, rate=rate)
    if isinstance(room, Unknown) and adoption.leverage == 1:
        # Without a loan there is nothing to liquidate, whatever the margin: the usual assumption has to do.
        room = room_above(adoption.leverage, emergency=profile.emergency_leverage)
    if isinstance(room, Unknown):
        raise Refused(f"no limits leave the account where it is: {room.why}; reduce it first")
    return room


def _notes(adoption: Adoption, room: Room, margin: Values, profile: Profile) -> tuple[str, ...]:
    usual = room_above(max(profile.leverage, Decimal("1.4")), emergency=profile.emergency_leverage)
    if not margin and (isinstance(usual, Unknown) or room.max_leverage <= usual.max_leverage):
        return ()
    limits = {("maxLeverage",): room.max_leverage, ("emergencyLeverage",): room.emergency_leverage, **margin}
    said = ", ".join(f"{path[0]} {value}" for path, value in limits.items())
    return (
        f"the leverage is {adoption.leverage}, and these limits let it be: {said}. They are further from caution than "
        "you may want: tighten them with it",
    )


def line_of(adopted: AdoptedLine) -> WrittenLine:
    """The line of a holding, pinned to its contract, with what the broker calls it beside it."""
    instrument, contract = adopted.target.instrument, adopted.contract
    called = (contract.local_symbol if contract.local_symbol != instrument.symbol else "", contract.long_name)
    return WrittenLine(
        symbol=instrument.symbol,
        weight=adopted.target.weight,
        name=instrument.name,
        sec_type=instrument.sec_type,
        exchange=instrument.exchange,
        currency=instrument.currency,
        con_id=contract.con_id,
        comment=", ".join(each for each in called if each),
    )


def _funding(adoption: Adoption, now: CurrencyFunding) -> Values:
    return {} if adoption.funding is now else {("currencyFunding",): adoption.funding.value}


# --------------------------------------------------------------------------------------------------- what is there


def in_place(directory: Path, name: AccountName, adoption: Adoption) -> Proposed:
    """The account's Portfolio and its Account, where they stand, with their comments kept.

    Raises Refused where the portfolio's weights are not all its own, or are another account's too.
    """
    resolution = _resolution(directory)
    account = _account(resolution, name)
    portfolio = _portfolio(resolution, account)
    _require_own(resolution, account, portfolio)
    require_plain(portfolio)
    editor, lines = Editor(), [line_of(each) for each in adoption.lines]
    whole = begun(portfolio, lines, adoption.cash, long_only=adoption.long_only)
    if whole is None:
        change(editor, portfolio, _change(portfolio, adoption))
    _say(editor, account.entry, _values(account, adoption))
    texts = {**editor.texts, **({} if whole is None else {Path(portfolio.document.file): whole})}
    return Proposed(directory, name, texts, texts)


def _whole(name: str, adoption: Adoption) -> str:
    lines = [line_of(each) for each in adoption.lines]
    return portfolio_text(name, lines, adoption.cash, long_only=adoption.long_only)


def beside(directory: Path, name: AccountName, file: Path, portfolio: str, adoption: Adoption) -> Proposed:
    """A Portfolio of its own in a file of its own; the manifests that are there stay as they are.

    Raises Refused where its name is taken.
    """
    resolution = _resolution(directory)
    if resolution.entry("Portfolio", portfolio) is not None:
        raise Refused(f"there is a Portfolio '{portfolio}' already: choose another name with --name")
    text = _whole(portfolio, adoption)
    account, editor = _account(resolution, name), Editor()
    values = {("portfolio",): portfolio, **_values(account, adoption)}
    _say(editor, account.entry, values)
    said = ", ".join(f"{'.'.join(path)}: {value}" for path, value in values.items())
    note = f"to plan by it, Account '{name}' has to say {said}"
    trial = {**editor.texts, directory / "imported-portfolio.yaml": text}
    return Proposed(directory, name, {file: text}, trial, (note,))


def _say(editor: Editor, account: Entry, values: Values) -> None:
    for path, value in values.items():
        editor.put(account, ("spec", *path), inline(value), beside=[("spec", "portfolio")])


def _resolution(directory: Path) -> Resolution:
    checked, _ = check(directory)
    if checked is None:
        raise Refused("the manifests are no longer in order: `folioctl validate` says why")
    return checked.resolution


def _account(resolution: Resolution, name: AccountName) -> ResolvedAccount:
    found = next((each for each in resolution.accounts if each.entry.name == name), None)
    if found is None:
        raise Refused(f"there is no account '{name}'")
    return found


def _portfolio(resolution: Resolution, account: ResolvedAccount) -> Entry:
    found = resolution.entry("Portfolio", account.value("portfolio"))
    if found is None:
        raise Refused(f"the portfolio of {account.entry} is not there")
    return found


def _require_own(resolution: Resolution, account: ResolvedAccount, portfolio: Entry) -> None:
    sharing = (each for each in resolution.accounts if each.value("portfolio") == portfolio.name)
    others = [str(each.entry) for each in sharing if each is not account]
    for entry, manifest in resolution.inventory.of(Portfolio):
        others += [str(entry) for sleeve in manifest.spec.sleeves if sleeve.portfolio == portfolio.name]
    if others:
        raise Refused(
            f"{portfolio} is that of {', '.join(others)} too, and is left as it is: a change would trade there. Write "
            "what the account holds into a Portfolio beside it with --out FILE"
        )


def require_plain(portfolio: Entry) -> None:
    """Raises Refused where a portfolio's weights are not all its own."""
    more = sorted(set(portfolio.document.data["spec"]) - _PLAIN_KEYS)
    if more:
        raise Refused(
            f"{portfolio} is composed of others, by its {', '.join(more)}: its weights are not all its own, and it is "
            "left as it is. Write what the account holds into a Portfolio beside it with --out FILE"
        )


def _change(portfolio: Entry, adoption: Adoption) -> PortfolioChange:
    manifest = portfolio.manifest
    if not isinstance(manifest, Portfolio):
        raise Refused(f"{portfolio} is not in order")
    said = manifest.spec.targets
    lines = list(zip(range(len(said)), adoption.lines, strict=False))
    return PortfolioChange(
        weights={place: line.target.weight for place, line in lines if line.target.weight != said[place].weight},
        added=[line_of(each) for each in adoption.lines[len(said) :]],
        cash=None if adoption.cash == manifest.spec.cash else adoption.cash,
        long_only=adoption.long_only,
    )


def _values(account: ResolvedAccount, adoption: Adoption) -> Values:
    """What the Account has to say otherwise."""
    now: CurrencyFunding = account.value("currencyFunding")
    in_overlay = ("overlay", "leverage")
    path = in_overlay if account.entry.document.source(("spec", *in_overlay)) is not None else ("leverage",)
    leverage: Values = {} if account.value("leverage") == adoption.leverage else {path: adoption.leverage}
    return {**leverage, **_funding(adoption, now)}
