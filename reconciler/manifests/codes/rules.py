"""Codes of the rules that manifests keep by themselves and among each other."""

from reconciler.manifests.codes.explanation import Explanation

RULES = {
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
        "A broker's account number stands in a manifest (a warning; an error where it is in what something is called).",
        "Manifests are in Git, and account numbers do not belong there; names go on into every plan, log and report.",
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
    "MAN023": Explanation(
        "A link to a folder is not followed (a warning).",
        "What lies there has no effect, an account among it neither.",
        "ln -s ../../shared/core.yaml desired-state/core.yaml",
    ),
    "MAN024": Explanation(
        "What a command was about to write still lies beside the manifests: it was cut off, or is still writing.",
        "An import changes several files; half of it would be new weights under the old leverage, and a plan would "
        "trade by them.",
        "git checkout -- desired-state && rm desired-state/.account.yaml.*.new",
    ),
    "MAN025": Explanation(
        "A document says one kind, and its spec has the keys of another.",
        "Nothing of it is read as what it says, and what it is meant for is missing.",
        "kind: RiskLimits",
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
    "PFL009": Explanation(
        "Two sectors of a portfolio differ in capitals or blanks alone (a warning).",
        "maxSectorWeight counts them apart, so that together they may be more than it allows.",
        "{symbol: MSFT, weight: 13%, sector: Technology}",
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

REACH = {
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
    "ACC011": Explanation(
        "A target may not be traded by its account's limits (a warning).",
        "Its line is blocked in every plan, until it is allowed, or no longer denied.",
        "allow: [MSFT, GLD]",
    ),
    "ACC012": Explanation(
        "An account is paper and its number that of a live one, or the other way round.",
        "A paper plan must never touch a live account; every connection would be refused. It is told by validate, "
        "where the variable that accountIdFrom names is set in the environment.",
        "environment: paper",
    ),
}

SECRETS = {
    "SEC001": Explanation(
        "A password, a token or a private key seems to stand in a manifest (a warning).",
        "Manifests are in Git, which forgets nothing. Its form is well known, or its key says what it is.",
        "accountIdFrom: {keyring: main}",
    ),
}
