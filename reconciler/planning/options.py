"""Options: the account as one invocation asks for it. What it may change of the manifests, and what it may not.

The command line may tighten a limit, never loosen it (promise 15): a limit is passed only by an override, which is
named, reasoned and recorded. The leverage is a target, not a limit; the limits judge what comes of it.
"""

from dataclasses import replace

from reconciler.diagnostics import did_you_mean
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import Refused
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Level
from reconciler.domain.money import Currency
from reconciler.domain.options import GivenTarget, RunOptions
from reconciler.domain.origin import NOWHERE
from reconciler.domain.portfolio import InstrumentSpec, PortfolioSpec, Target


def with_options(account: AccountSpec, options: RunOptions) -> AccountSpec:
    """The account that the options ask for. Raises Refused, saying what to do, where they ask for what they may not."""
    _require_no_loosening(account, options)
    portfolio = account.portfolio
    if options.portfolio is not None:
        portfolio = _given(portfolio, options.portfolio)
    _require_known(portfolio, options)
    policy, limits = account.policy, account.limits
    if options.order_style is not None:
        policy = replace(policy, order_style=options.order_style)
    if options.max_parallel is not None:
        policy = replace(policy, max_parallel_orders=options.max_parallel)
    if options.max_runtime is not None:
        policy = replace(policy, timeouts=replace(policy.timeouts, run=options.max_runtime))
    if options.margin_cushion is not None:
        limits = replace(limits, margin_cushion=options.margin_cushion)
    leverage = account.leverage if options.leverage is None else options.leverage
    pinned = _pins_of(portfolio, account)
    return replace(account, portfolio=portfolio, policy=policy, limits=limits, leverage=leverage, pinned=pinned)


def _pins_of(portfolio: PortfolioSpec, account: AccountSpec) -> dict[InstrumentName, Contract]:
    """The pins but those of lines that are other instruments now, by whatever name."""
    others = {each.name for each in _instruments(portfolio) - _instruments(account.portfolio)}
    return {name: contract for name, contract in account.pinned.items() if name not in others}


def _require_no_loosening(account: AccountSpec, options: RunOptions) -> None:
    cushion, own = options.margin_cushion, account.limits.margin_cushion
    if cushion is not None and cushion < own:
        raise Refused(
            f"--margin-cushion {cushion} is below the marginCushion {own} of the manifests "
            f"({account.limits.place('margin_cushion')}): the command line may tighten a limit, never loosen it"
        )
    for override in options.overrides:
        level = account.limits.level(override.limit)
        if level is not Level.OVERRIDE:
            place = account.limits.place(override.limit.name.lower())
            raise Refused(
                f"{override.limit} cannot be overridden: its level is {level} ({place}); "
                "change the limit itself, in review"
            )
    most = account.limits.max_leverage
    if options.leverage is not None and options.leverage > most:
        raise Refused(
            f"--leverage {options.leverage} is above the maxLeverage {most} of the manifests "
            f"({account.limits.place('max_leverage')}): every plan towards it would be refused"
        )


def _require_known(portfolio: PortfolioSpec, options: RunOptions) -> None:
    names = [target.instrument.name for target in portfolio.targets]
    asked = [*(("--target", each) for each in options.targets), *(("--exclude", each) for each in options.excluded)]
    for option, name in asked:
        if name not in names:
            hint = did_you_mean(name, names) or f"The portfolio's lines are {', '.join(sorted(names))}."
            raise Refused(f"{option} {name}: no line of the portfolio is called so. {hint}")


def _instruments(portfolio: PortfolioSpec) -> set[InstrumentSpec]:
    return {target.instrument for target in portfolio.targets}


def _given(portfolio: PortfolioSpec, lines: tuple[GivenTarget, ...]) -> PortfolioSpec:
    """The given lines in place of the declared ones. What the manifests know of a symbol, its listing say, holds."""
    known: dict[str, list[Target]] = {}
    for target in portfolio.targets:
        known.setdefault(target.instrument.symbol, []).append(target)
    targets = tuple(_target(line, known.get(line.symbol, []), portfolio) for line in lines)
    weights = sum((target.weight for target in targets), start=0 * portfolio.cash_weight)
    declared = _instruments(portfolio)
    names = {target.instrument.name for target in targets if target.instrument in declared}
    # What a replaced contract holds of a line that is left out is a holding that no line names.
    moved = tuple(each for each in portfolio.moved if each.to in names)
    return replace(portfolio, targets=targets, cash_weight=1 - weights, moved=moved)


def _target(line: GivenTarget, known: list[Target], portfolio: PortfolioSpec) -> Target:
    if len(known) == 1:
        own = known[0]
        return replace(own, weight=line.weight, sector=line.sector or own.sector, sleeve=None, origin=NOWHERE)
    spec = InstrumentSpec(InstrumentName(line.symbol), line.symbol, "STK", "SMART", Currency("USD"))
    return Target(spec, line.weight, None, portfolio.declared_at, sector=line.sector)
