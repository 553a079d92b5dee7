"""All kinds of manifests, by the word that `kind` takes, in the order in which a newcomer meets them."""

from collections.abc import Mapping

from reconciler.manifests.account import Account, AccountTemplate
from reconciler.manifests.base import Manifest
from reconciler.manifests.execution_policy import ExecutionPolicy
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.portfolio import Portfolio
from reconciler.manifests.risk_limits import RiskLimits

KINDS: Mapping[str, type[Manifest]] = {
    kind.__name__: kind for kind in (Gateway, Account, AccountTemplate, Portfolio, RiskLimits, ExecutionPolicy)
}
