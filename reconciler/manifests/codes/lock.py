"""Codes of the lock file."""

from reconciler.manifests.codes.explanation import Explanation

LOCK = {
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
        "Write its entries below each other, without anchors, merges and brackets around them.",
    ),
    "LCK013": Explanation(
        "A lock file lies, or is called, where none is read (a warning).",
        "It pins nothing, whatever it says.",
        "desired-state/contracts.lock.yaml",
    ),
}
