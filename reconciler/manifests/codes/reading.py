"""Codes of the text and the shape of a file, and of comments that set a warning aside."""

from reconciler.manifests.codes.explanation import Explanation
from reconciler.yamlsource import SHAPE_CODES, TEXT_CODES

_NOTHING_IS_GUESSED = "The file is read as a whole or not at all: nothing is guessed where money follows."
_NOTHING_IS_PASSED_OVER = "A key or value that is passed over would be a limit that does not hold."

_EXAMPLES = {
    "YML001": 'emergencyAuthorisedBy: "A. Person: by telephone"',
    "YML002": "maxLeverage: 1.5",
    "YML003": "iconv -f WINDOWS-1252 -t UTF-8 portfolio.yaml",
    "YML004": "targets: [{symbol: MSFT, weight: 60%}, {symbol: GLD, weight: 40%}]",
    "YML005": "accountIdFrom: {env: IB_ACCOUNT_ID}",
    "YML006": "metadata: {name: growth}",
    "YML007": "chmod u+r desired-state/portfolio.yaml",
    "YML008": "limits: &limits {maxLeverage: 1.5}",
    "YML009": "maxOrderNotional: 100000",
    "001": "maxLeverage: 1.5",
    "002": "baseCurrency: USD",
    "003": '{symbol: "0700", currency: HKD, weight: 5%}',
    "004": "environment: paper",
    "005": "leverage: 1.4",
    "006": "maxQuoteAge: 60s",
}

TEXT = {code: Explanation(what, _NOTHING_IS_GUESSED, _EXAMPLES[code]) for code, what in TEXT_CODES.items()}

SHAPE = {
    f"MAN{number}": Explanation(what, _NOTHING_IS_PASSED_OVER, _EXAMPLES[number])
    for number, what in SHAPE_CODES.items()
}

IGNORES = {
    "IGN001": Explanation(
        "A comment begins as one that sets a warning aside, and is not understood (a warning).",
        "The warning that it was meant for is still told, or a reason is missing that the next reader needs.",
        "# folioctl: ignore[ACC003] the tunnel listens on this port",
    ),
    "IGN002": Explanation(
        "A comment sets aside what is not there (a warning).",
        "It would hide the same warning on the day on which it means something.",
        "port: 4002",
    ),
    "IGN003": Explanation(
        "A comment sets aside an error (a warning).",
        "What stops the command is mended; only warnings are a matter of opinion.",
        "maxLeverage: 1.5",
    ),
}
