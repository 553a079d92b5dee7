"""Codes of what comes from elsewhere: given portfolios, the predecessor's settings, our own settings."""

from reconciler.manifests.codes.explanation import Explanation

ADOPTION = {
    "ACC020": Explanation(
        "Two accounts are the default.",
        "A command without --account would trade either of them.",
        "default: true",
    ),
    "ENV001": Explanation(
        "A line of the predecessor's settings sets no variable, or the file cannot be read.",
        "A line that is passed over would be a setting that does not hold.",
        "MARGIN_CUSHION=0.2  # of what the account is worth",
    ),
    "ENV002": Explanation(
        "A variable is set twice (a warning).", "The last one counts, as it did for the predecessor.", "DRY_RUN=true"
    ),
    "ENV003": Explanation(
        "A value of the predecessor's settings cannot be.",
        "No limit and no target is guessed: nothing is written until it is mended.",
        "DEFAULT_LEVERAGE=1.4",
    ),
    "ENV004": Explanation(
        "Account number, port and --environment do not agree on paper or live, or none of them says which.",
        "A paper plan must never touch a live account.",
        "IB_GATEWAY_PORT=7497",
    ),
    "ENV005": Explanation(
        "Two variables say two things of the same key.",
        "Its two templates called some settings by two names.",
        "TARGET_LEVERAGE=1.4",
    ),
    "ENV006": Explanation(
        "A variable is in neither of the predecessor's templates (a warning).",
        "It has no effect, and may be a slip of the pen.",
        "MARGIN_CUSHION=0.2",
    ),
}

GIVEN = {
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

SETTINGS = {
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
