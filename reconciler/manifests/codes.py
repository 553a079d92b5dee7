"""What each diagnostic of the manifests means, why it is one, and what to write instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.yamlsource import SHAPE_CODES, TEXT_CODES


@dataclass(frozen=True)
class Explanation:
    """One code: what was found, why it stands in the way, and an example of how it is written well."""

    what: str
    why: str
    example: str


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

_TEXT = {code: Explanation(what, _NOTHING_IS_GUESSED, _EXAMPLES[code]) for code, what in TEXT_CODES.items()}

_SHAPE = {
    f"MAN{number}": Explanation(what, _NOTHING_IS_PASSED_OVER, _EXAMPLES[number])
    for number, what in SHAPE_CODES.items()
}

_IGNORES = {
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

_RULES = {
    "MAN010": Explanation(
        "The apiVersion is not one that this version reads.",
        "A later format may give the same keys another meaning.",
        "apiVersion: folioctl/v1",
    ),
    "MAN011": Explanation("The kind is not known.", "Without its kind a document cannot be read.", "kind: Portfolio"),
    "MAN012": Explanation(
        "Two manifests of one kind have the same name.",
        "A reference to the name would mean either of them.",
        "metadata: {name: growth}",
    ),
    "MAN013": Explanation(
        "A manifest refers to one that does not exist.",
        "An account needs its gateway, portfolio, limits and policy to be planned at all, with all that they take "
        "from others.",
        "portfolio: growth",
    ),
    "MAN014": Explanation(
        "A broker's account number stands in a manifest.",
        "Manifests are in Git, and account numbers do not belong there.",
        "accountIdFrom: {env: IB_ACCOUNT_ID}",
    ),
    "MAN015": Explanation("No manifest is an Account.", "There is nothing to reconcile.", "kind: Account"),
    "MAN016": Explanation(
        "No Account refers to this manifest (a warning).",
        "It has no effect; perhaps a reference was meant to lead here.",
        "riskLimits: cautious",
    ),
    "MAN020": Explanation(
        "The directory of manifests does not exist.",
        "There is nothing to read.",
        "folioctl validate -C path/to/repository",
    ),
    "MAN021": Explanation("The directory holds no manifests.", "There is nothing to reconcile.", "kind: Account"),
    "MAN022": Explanation(
        "More is wrong with a file than is told.",
        "Hundreds of findings are more often one slip than hundreds.",
        "apiVersion: folioctl/v1",
    ),
    "PFL001": Explanation(
        "Weights do not sum to 100%.",
        "Targets and cash divide the whole account, and targets divide their sleeve; what is missing or too much "
        "would be bought or borrowed by guess.",
        "targets: [{symbol: MSFT, weight: 60%}, {symbol: GLD, weight: 35%}], cash: 5%",
    ),
    "PFL002": Explanation(
        "A portfolio has no targets.",
        "An empty list is more often a slip of the pen than the wish to hold nothing.",
        "allowEmpty: true",
    ),
    "PFL003": Explanation(
        "An instrument stands in a portfolio twice.",
        "Its two weights would work against each other.",
        "{symbol: MSFT, weight: 13%}",
    ),
    "PFL004": Explanation(
        "Two lines of a portfolio have the same name.",
        "Reports and orders tell lines apart by their names.",
        "{symbol: ASML, currency: EUR, name: ASML.AS, weight: 2%}",
    ),
    "PFL005": Explanation(
        "Two sleeves of a portfolio have the same name.",
        "Reports group lines by their sleeve's name.",
        "sleeves: [{name: chips, weight: 30%, targets: []}]",
    ),
    "PFL006": Explanation(
        "A weight is below zero in a portfolio that is long only.",
        "To sell short is a decision of its own, and a slip of a sign is not one.",
        "longOnly: false",
    ),
    "PFL007": Explanation(
        "A future has no expiry, or something else has one.",
        "A symbol alone means every month of a future.",
        "{symbol: MES, secType: FUT, exchange: CME, expiry: 2026-12, weight: 20%}",
    ),
    "PFL008": Explanation(
        "A replaced contract leads to no line, or to more than one.",
        "Its holding must count exactly once.",
        "moved: [{fromConId: 107113386, to: META}]",
    ),
    "RSK001": Explanation(
        "emergencyLeverage is not above maxLeverage.",
        "The emergency would begin before the limit is reached.",
        "maxLeverage: 1.5, emergencyLeverage: 3.0",
    ),
    "RSK002": Explanation(
        "emergencyCushion is not below minCushion.",
        "Plans could lead into the emergency.",
        "minCushion: 15%, emergencyCushion: 10%",
    ),
    "RSK003": Explanation(
        "A limit stands in two levels, or is one whose level cannot be changed.",
        "How much a limit weighs must be clear, and some limits keep the account from harm.",
        "levels: {advisory: [maxTurnover]}",
    ),
    "RSK004": Explanation(
        "An override names a limit that cannot be overridden.",
        "A hard limit is changed in review, not passed by.",
        "levels: {override: [maxPositionWeight]}",
    ),
    "ACC001": Explanation(
        "An account's leverage is above the maxLeverage of its limits.",
        "Every plan towards it would be refused.",
        "leverage: 1.4",
    ),
    "ACC002": Explanation(
        "A target's weight times the leverage is above maxPositionWeight (a warning).",
        "The position can only be reached where a cash buffer or other holdings make the base smaller.",
        "maxPositionWeight: 80%",
    ),
    "ACC003": Explanation(
        "The gateway's port is customary for the other environment (a warning).",
        "IB Gateway listens on 4001 for live and 4002 for paper accounts, Trader Workstation on 7496 and 7497.",
        "port: 4002",
    ),
    "ACC004": Explanation(
        "Two accounts take their account id from the same place.",
        "Two manifests would pull one account in two directions.",
        "accountIdFrom: {env: IB_ACCOUNT_ID}",
    ),
    "ACC005": Explanation(
        "A paper and a live account go through the same gateway.",
        "A gateway is logged in to one of the two, so one of the accounts is not where its manifest says.",
        "gateway: paper",
    ),
    "ACC006": Explanation(
        "With its short lines, a portfolio is above the maxLeverage of its account's limits.",
        "Long and short exposures both count, so that every plan towards it would be refused.",
        "leverage: 1",
    ),
    "ACC007": Explanation(
        "A cash account would borrow or sell short.",
        "The broker refuses both.",
        "leverage: 1",
    ),
    "ACC008": Explanation(
        "The emergency would begin only after the broker has liquidated the account.",
        "When prices fall, leverage rises until the equity is no more than the maintenance margin; an emergency must "
        "come before that.",
        "emergencyLeverage: 2.5",
    ),
}

_REACH = {
    "ACC009": Explanation(
        "Targets cannot be within a hard limit, even where other holdings make them as small as they may be.",
        "No plan could ever lead to them: every one would be refused.",
        "maxSectorWeight: 60%",
    ),
    "ACC010": Explanation(
        "At full size a sector, an asset class or the margin of all targets is above its limit (a warning).",
        "The limit holds only where a cash buffer or other holdings make the base smaller, or where the broker's "
        "margins are below those that are assumed.",
        "maintenanceMargin: 15%",
    ),
}

_COMPOSITION = {
    "CMP001": Explanation(
        "A Portfolio includes itself, or RiskLimits are their own parent, perhaps by way of others.",
        "What it comes to would have no end.",
        "sleeves: [{weight: 60%, portfolio: core}]",
    ),
    "CMP002": Explanation(
        "Two portfolios that are included say different things of one contract.",
        "It becomes one line, and which of the two holds for it would be a guess.",
        "{symbol: MSFT, weight: 13%, sector: Technology}",
    ),
    "CMP003": Explanation(
        "The cap of a sleeve cannot be met.",
        "With a cap of 20% at least five lines are needed to divide 100% among; and a short line takes up nothing.",
        "{weight: 40%, portfolio: satellite, cap: 25%}",
    ),
    "CMP004": Explanation(
        "Portfolios include each other, or RiskLimits have parents, more than fifty deep.",
        "Nobody could say any more where a weight or a limit comes from.",
        "sleeves: [{weight: 60%, portfolio: core}]",
    ),
    "CMP005": Explanation(
        "The file of weightsFrom is not there, not among the manifests, or not called what such a file is.",
        "What an account holds is in one directory, in Git; YAML that is not called *.weights.yaml is a manifest.",
        "weightsFrom: {file: core.weights.yaml}",
    ),
    "CMP006": Explanation(
        "A limit is looser than that of its parent, or, in an overlay, than that of the RiskLimits.",
        "A parent is a bound for all below it: it is loosened where it stands, in review.",
        "maxTurnover: 50%",
    ),
    "CMP007": Explanation(
        "No weightsFrom names this *.weights.yaml (a warning).",
        "It is no manifest and has no effect; perhaps its name is misspelt.",
        "weightsFrom: {file: core.weights.yaml}",
    ),
    "CMP008": Explanation(
        "An account says its leverage twice, once in its overlay.",
        "One of the two would be passed over.",
        "overlay: {leverage: 1}",
    ),
}

_SECRETS = {
    "SEC001": Explanation(
        "A password, a token or a private key seems to stand in a manifest (a warning).",
        "Manifests are in Git, which forgets nothing. Its form is well known, or its key says what it is.",
        "accountIdFrom: {keyring: main}",
    ),
}

_LOCK = {
    "LCK001": Explanation(
        "The lock file has a contract twice.",
        "One of the two may have gone out of date.",
        "contracts: [{conId: 272093, symbol: MSFT, currency: USD, orderTypes: [MKT, LMT]}]",
    ),
    "LCK002": Explanation(
        "The lock file has several documents.",
        "Which of them holds would be a guess.",
        "kind: ContractLock, contracts: [{conId: 272093, symbol: MSFT, currency: USD, orderTypes: [MKT, LMT]}]",
    ),
    "LCK003": Explanation(
        "`lock` found several contracts for a line.",
        "An order for the wrong listing is a loss, and a guess would be one.",
        "{symbol: ABB, primaryExchange: NYSE, weight: 5%}",
    ),
    "LCK004": Explanation(
        "`lock` found no contract for a line.",
        "What the broker does not know cannot be held.",
        "{symbol: ASML, currency: EUR, weight: 5%}",
    ),
    "LCK005": Explanation(
        "The broker no longer has a pinned contract.",
        "A split, a merger or a rename may have put another one in its place; what is held of the old one must be "
        "neither sold nor bought anew for that.",
        "folioctl lock --upgrade META",
    ),
    "LCK006": Explanation(
        "A pinned contract means something else now.",
        "An order would be for what the manifest does not name.",
        "folioctl lock --upgrade META",
    ),
    "LCK007": Explanation(
        "The broker's contract differs from its entry: a warning of `lock`, an error of `lock --check`.",
        "Orders are written by the entry: by its price increments, lots and order types.",
        "folioctl lock --upgrade MSFT",
    ),
    "LCK008": Explanation(
        "A line's contract cannot be traded, such as one that is quoted in pence.",
        "A price that is read wrongly is a quantity that is wrong.",
        "{symbol: BP, primaryExchange: NYSE, weight: 5%}",
    ),
    "LCK009": Explanation(
        "The broker did not tell all of a contract.",
        "What is not known is pinned by guess, or not at all.",
        "folioctl lock",
    ),
    "LCK010": Explanation(
        "The lock file lacks an entry (`lock --check`).",
        "Its line means whatever the broker makes of the symbol on that day.",
        "folioctl lock",
    ),
    "LCK011": Explanation(
        "No line uses an entry of the lock file (`lock --check`).",
        "A review of the file would be of contracts that nobody holds by it.",
        "folioctl lock",
    ),
    "LCK012": Explanation(
        "The lock file is laid out so that `lock` cannot change it line by line.",
        "What somebody wrote would be lost.",
        "Write out anchors and merges, or remove the file and run `folioctl lock`.",
    ),
}

_GIVEN = {
    "GIV001": Explanation(
        "A given portfolio is neither of the two forms, or one of its rows is not understood.",
        "A row that is passed over would be a position that is not held.",
        "symbol,weight,sector",
    ),
    "GIV002": Explanation(
        "A given portfolio has no lines.",
        "An empty file is more often a slip than the wish to hold nothing.",
        "MSFT,0.13,Technology",
    ),
    "GIV003": Explanation(
        "A symbol stands in a given portfolio twice.",
        "Its two weights would work against each other.",
        "MSFT,0.13,Technology",
    ),
    "GIV004": Explanation(
        "The weights of a given portfolio sum to more than 100%.",
        "Weights divide what there is; how much is borrowed is the account's leverage.",
        "MSFT,0.13,Technology",
    ),
}

_SETTINGS = {
    "SET001": Explanation(
        "A setting has a value that it cannot have.",
        "Settings say where state lives and whether anything is sent: none of them is guessed.",
        "FOLIOCTL_GATEWAY=127.0.0.1:4002",
    ),
    "SET002": Explanation(
        "The env file that was named does not exist.", "What it was to set would silently not hold.", "--env-file .env"
    ),
    "SET003": Explanation(
        "The env file cannot be read, or is not UTF-8 text.",
        "What it was to set would silently not hold.",
        "iconv -f WINDOWS-1252 -t UTF-8 .env",
    ),
    "SET004": Explanation(
        "A line of the env file sets nothing (a warning).",
        "Somebody meant it to: a halt that is misspelt halts nothing.",
        'FOLIOCTL_HALT="quarter end"',
    ),
    "SET005": Explanation(
        "A variable looks like a setting and is none (a warning).",
        "It has no effect; perhaps another name was meant.",
        "FOLIOCTL_HALT=true",
    ),
}

_REWRITING = {
    "FMT001": Explanation(
        "The canonical form of a file would change a value or lose a comment, so the file stays as it is.",
        "A formatter that changes what a manifest says would trade.",
        "folioctl fmt --diff",
    ),
    "FMT002": Explanation(
        "A path or a pattern that was given leads to no YAML file.",
        "A check that looked at nothing would pass.",
        "folioctl fmt 'desired-state/**/*.yaml'",
    ),
    "MIG001": Explanation(
        "No migration leads from a manifest's apiVersion to the one that is asked for.",
        "What an unknown format means cannot be guessed.",
        "folioctl migrate --to folioctl/v1",
    ),
    "MIG002": Explanation(
        "A manifest is written in a way that a migration cannot edit without guessing. The file stays as it is.",
        "A key that is moved wrongly is a limit that does not hold, and a comment that is lost is a reason that is.",
        "maxQuoteAge: 60s",
    ),
    "FMT003": Explanation(
        "A file that is to be rewritten cannot be written. It is as it was.",
        "A file is replaced whole or not at all.",
        "folioctl fmt --check",
    ),
}

CODES: Mapping[str, Explanation] = (
    _TEXT | _SHAPE | _IGNORES | _RULES | _REACH | _COMPOSITION | _SECRETS | _LOCK | _GIVEN | _REWRITING | _SETTINGS
)
"""Every code that loading or rewriting manifests, a given portfolio or settings can give."""
