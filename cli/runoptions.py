"""What one run may ask for beyond the manifests: the options that `plan` and `apply` share, declared once.

A plan records them, and its apply keeps to them. `@taking_run_flags` gives them to a command as one argument.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cli.invocation import Invocation
from reconciler.diagnostics import did_you_mean
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Limit, Override
from reconciler.domain.options import RunOptions
from reconciler.domain.policy import OrderStyle

ARGUMENT = "run"
"""The argument of a command that takes all of them."""


_RATIO = re.compile(r"(-?[0-9]{1,9}(?:\.[0-9]{1,20})?) ?(%?)")
_WORDS = {"batch_execution": "--sequential", "smart_orders": "--market-orders"}
"""What says no to a flag."""


def _ratio(text: str) -> Decimal:
    """As manifests write it, `1.4` or `140%`; however it is written, the same number gives the same plan file."""
    found = _RATIO.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no number such as 1.4 or 140%")
    number = Decimal(found[1]).scaleb(-2 if found[2] else 0)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def leverage_of(text: str) -> Decimal:
    """A leverage target as it is typed."""
    number = _ratio(text)
    if not 0 < number <= 10:
        raise typer.BadParameter(f"{text} is not above 0 and up to 10")
    return number


def _cushion(text: str) -> Decimal:
    number = _ratio(text)
    if not 0 <= number <= 1:
        raise typer.BadParameter(f"{text} is not from 0 to 1")
    return number


@dataclass(frozen=True, kw_only=True)
class RunFlags:
    """The options as they were typed."""

    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="LINE", help="Trade this line and no others. Repeat for more."),
    ] = None
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="LINE", help="Do not trade this line. Repeat for more.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Trade to target, whatever the bands say.")] = False
    override: Annotated[
        list[str] | None,
        typer.Option(
            "--override",
            metavar="LIMIT=REASON",
            help="Let the plan past a limit of level `override`, with a reason that is kept. Repeat for more.",
        ),
    ] = None
    portfolio: Annotated[
        Path | None,
        typer.Option(
            "--portfolio",
            metavar="FILE",
            help="Hold this instead: CSV with symbol,weight,sector or YAML with portfolio: {SYMBOL: {weight, sector}}.",
        ),
    ] = None
    leverage: Annotated[
        Decimal | None,
        typer.Option("--leverage", parser=leverage_of, metavar="X", help="The leverage target, such as 1.4."),
    ] = None
    margin_cushion: Annotated[
        Decimal | None,
        typer.Option(
            "--margin-cushion",
            parser=_cushion,
            metavar="X",
            help="A larger cushion on the initial margin than the manifests', such as 0.3.",
        ),
    ] = None
    max_parallel: Annotated[
        int | None,
        typer.Option("--max-parallel", min=1, max=10_000, metavar="N", help="How many orders of a batch work at once."),
    ] = None
    max_runtime: Annotated[
        int | None,
        typer.Option(
            "--max-runtime",
            min=1,
            max=86_400,
            metavar="SECONDS",
            help="After this, send nothing more and cancel what works.",
        ),
    ] = None
    batch_execution: Annotated[
        bool | None,
        typer.Option(
            "--batch-execution/--sequential",
            help="Send a batch's orders side by side, or one after the other. [default: as the policy says]",
        ),
    ] = None
    smart_orders: Annotated[
        bool | None,
        typer.Option(
            "--smart-orders/--market-orders",
            help="Limits for large orders and the market for small ones, or the market for all. "
            "[default: as the policy says]",
        ),
    ] = None

    @property
    def typed(self) -> list[str]:
        """The words that give them again."""
        return [word for each in fields(self) for word in _typed(each.name, getattr(self, each.name))]


def _typed(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if value is None or (value is False and name not in _WORDS):
        return []
    if isinstance(value, bool):
        return [option if value else _WORDS[name]]
    values = value if isinstance(value, list) else [value]
    return [word for each in values for word in (option, str(each))]


def taking_run_flags(command: Callable[..., None]) -> Callable[..., None]:
    """The command, whose argument `run: RunFlags` becomes one option for each flag."""
    hints = get_type_hints(RunFlags, include_extras=True)
    own = inspect.signature(command)
    others = [each.replace(kind=each.KEYWORD_ONLY) for name, each in own.parameters.items() if name != ARGUMENT]
    flags = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=hints[each.name])
        for each in fields(RunFlags)
    ]

    @wraps(command)
    def taking(**given: Any) -> None:
        run = RunFlags(**{each.name: given.pop(each.name) for each in fields(RunFlags)})
        command(**given, **{ARGUMENT: run})

    taking.__signature__ = own.replace(parameters=[*others, *flags])  # type: ignore[attr-defined]
    return taking


def run_options(flags: RunFlags, invocation: Invocation) -> RunOptions:
    """What the flags ask for. Leaves with every diagnostic where a given portfolio is not in order."""
    return RunOptions(
        leverage=flags.leverage,
        margin_cushion=flags.margin_cushion,
        max_parallel=_max_parallel(flags),
        max_runtime=None if flags.max_runtime is None else timedelta(seconds=flags.max_runtime),
        order_style=_order_style(flags.smart_orders),
        is_forced=flags.force,
        targets=tuple(InstrumentName(each) for each in dict.fromkeys(flags.target or ())),
        excluded=tuple(InstrumentName(each) for each in dict.fromkeys(flags.exclude or ())),
        portfolio=None if flags.portfolio is None else invocation.given_portfolio(flags.portfolio),
        overrides=tuple(_override(each, invocation.settings().person) for each in flags.override or ()),
    )


def _max_parallel(flags: RunFlags) -> int | None:
    if flags.batch_execution is False:
        if flags.max_parallel not in (None, 1):
            raise typer.BadParameter(f"--sequential is one order at a time, and --max-parallel {flags.max_parallel}")
        return 1
    if flags.batch_execution is True and flags.max_parallel is None:
        return 0
    return flags.max_parallel


def _order_style(smart: bool | None) -> OrderStyle | None:
    if smart is None:
        return None
    return OrderStyle.SMART if smart else OrderStyle.MARKET


def _override(text: str, person: str) -> Override:
    name, equals, reason = (part.strip() for part in text.partition("="))
    if not equals or not reason:
        raise typer.BadParameter(f"--override takes LIMIT=REASON, such as maxTurnover='first build', not {text!r}")
    if name not in list(Limit):
        hint = did_you_mean(name, list(Limit)) or f"There are {', '.join(sorted(Limit))}."
        raise typer.BadParameter(f"there is no limit {name!r}. {hint}")
    return Override(Limit(name), reason, person, expires=None)
