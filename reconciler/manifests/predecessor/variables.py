"""Every variable of the predecessor's two templates: where it went, or why it went nowhere."""

from dataclasses import dataclass
from enum import Enum, auto

from reconciler.manifests.writing.values import Path

ACCOUNT_ID, ACCOUNTS, BASE_CURRENCY = "IB_ACCOUNT_ID", "IB_ACCOUNTS", "IB_BASE_CURRENCY"
PORT = "IB_GATEWAY_PORT"


class Form(Enum):
    """How a value is written in the predecessor's file."""

    TEXT = auto()
    NUMBER = auto()
    SHARE = auto()
    """A fraction, which a manifest writes as a percentage."""
    SECONDS = auto()


@dataclass(frozen=True)
class Place:
    """A key of a manifest: its kind, and the path below its spec."""

    kind: str
    path: Path
    form: Form

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(self.path)}"


@dataclass(frozen=True)
class Variable:
    """One variable. With a `place` it is a key of a manifest; `kept` stays a variable; all others are dropped."""

    name: str
    why: str
    place: Place | None = None
    kept: bool = False


def _mapped(name: str, kind: str, path: str, form: Form, why: str = "") -> Variable:
    return Variable(name, why, Place(kind, tuple(path.split(".")), form))


VARIABLES = (
    _mapped("IB_GATEWAY_HOST", "Gateway", "host", Form.TEXT),
    _mapped(PORT, "Gateway", "port", Form.NUMBER, "with the account's number it says whether that is paper or live"),
    _mapped("IB_CLIENT_ID", "Gateway", "clientId", Form.NUMBER, "commands that only read take the next ones"),
    Variable(
        ACCOUNT_ID,
        "an account's number is in no manifest: Account accountIdFrom.env names the variable that holds it",
        kept=True,
    ),
    Variable(
        ACCOUNTS,
        "one Account for each, the first with `default: true`; the numbers become IB_ACCOUNT_ID, IB_ACCOUNT_ID_2, …",
        kept=True,
    ),
    _mapped(BASE_CURRENCY, "Account", "baseCurrency", Form.TEXT, "of the accounts that name none themselves"),
    _mapped("DEFAULT_LEVERAGE", "Account", "leverage", Form.NUMBER),
    _mapped("TARGET_LEVERAGE", "Account", "leverage", Form.NUMBER),
    _mapped("EMERGENCY_LEVERAGE_THRESHOLD", "RiskLimits", "emergencyLeverage", Form.NUMBER),
    _mapped(
        "LEVERAGE_BUFFER",
        "ExecutionPolicy",
        "rebalancing.totalBand",
        Form.SHARE,
        "a deviation of the leverage by so much is a sum of drifts of so much of net liquidation",
    ),
    _mapped("REBALANCE_TOLERANCE", "ExecutionPolicy", "rebalancing.absoluteBand", Form.SHARE),
    _mapped("REBALANCE_THRESHOLD", "ExecutionPolicy", "rebalancing.absoluteBand", Form.SHARE),
    Variable(
        "SAFETY_THRESHOLD",
        "it meant two things in the two templates; RiskLimits marginCushion and maxTurnover say them apart",
    ),
    _mapped("MARGIN_CUSHION", "RiskLimits", "marginCushion", Form.SHARE),
    _mapped("MAX_PARALLEL_ORDERS", "ExecutionPolicy", "maxParallelOrders", Form.NUMBER),
    _mapped("MAX_RUNTIME", "ExecutionPolicy", "timeouts.run", Form.SECONDS),
    _mapped("ORDER_TIMEOUT", "ExecutionPolicy", "timeouts.fill", Form.SECONDS),
    _mapped("IB_CONNECTION_TIMEOUT", "ExecutionPolicy", "timeouts.connect", Form.SECONDS),
    _mapped("MARKET_DATA_TIMEOUT", "ExecutionPolicy", "timeouts.request", Form.SECONDS, "it bounds every request"),
    _mapped("MIN_FILL_RATIO", "ExecutionPolicy", "partialFills.minRatio", Form.SHARE),
    Variable("DRY_RUN", "a setting of the process, as before: `true` sends nothing", kept=True),
    Variable("TELEGRAM_BOT_TOKEN", "a secret: it stays in the environment, the keyring or an env file", kept=True),
    Variable("TELEGRAM_CHAT_ID", "beside the token, in the environment, the keyring or an env file", kept=True),
    Variable("DEBUG", "`--verbose` of a command shows more"),
    Variable("VERBOSE", "`--verbose` of a command shows more"),
    Variable("PRIMARY_EXCHANGE", "orders are routed by SMART; a line says where it is listed with primaryExchange"),
    Variable("LOG_LEVEL", "progress and warnings go to standard error, all of them"),
    Variable("LOG_DIR", "the journal and the reports are in FOLIOCTL_STATE"),
    Variable("LOG_FILE", "the journal and the reports are in FOLIOCTL_STATE; redirect standard error to keep it"),
    Variable("LOG_MAX_BYTES", "there is no log file that grows"),
    Variable("LOG_BACKUP_COUNT", "there is no log file that grows"),
    Variable("DATA_VALIDATION_TIMEOUT", "every reading is taken to its END within timeouts.request"),
    Variable("POSITION_REFRESH_INTERVAL", "positions are read afresh before each batch, and followed while one runs"),
    Variable("ESTIMATED_COMMISSION_PER_SHARE", "the broker's own estimate of each order is asked for"),
    Variable("FX_RATE_CACHE_TIMEOUT", "rates are read for each plan, with their age, and held against the market's"),
    Variable("PORTFOLIO_FILE", "`folioctl import csv FILE` or `import yaml FILE` makes a Portfolio of it"),
)
"""In the order of the page about moving."""

BY_NAME = {each.name: each for each in VARIABLES}


def refreshed(page: str) -> str:
    """`page` with the table of the variables between its markers."""
    begin, end = "<!-- variables: begin -->\n", "<!-- variables: end -->"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{_table()}\n{end}{rest.partition(end)[2]}" if rest else page


def _table() -> str:
    rows = [f"| `{each.name}` | {_where(each)} | {each.why} |\n" for each in VARIABLES]
    return "".join(["| Variable | Now | Why |\n|---|---|---|\n", *rows])


def _where(variable: Variable) -> str:
    if variable.place is not None:
        return f"{variable.place.kind} `{'.'.join(variable.place.path)}`"
    return "stays a variable" if variable.kept else "dropped"
