"""Codes of manifests that take from each other."""

from reconciler.manifests.codes.explanation import Explanation

COMPOSITION = {
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
