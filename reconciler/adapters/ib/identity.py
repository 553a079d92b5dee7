"""Which account this is, for the broker and for people.

An account number is a secret: what people read shows its two first letters and its two last digits. Paper and live are
part of the identity: paper account numbers begin with D (DU for one person, DF for an adviser).
"""

from dataclasses import dataclass

from reconciler.domain.counting import counted
from reconciler.domain.desired import Environment
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.ids import AccountId
from reconciler.domain.money import Currency

PAPER_PREFIX = "D"


@dataclass(frozen=True)
class Identity:
    """The account of the manifest: its number, whether it is paper or live, and its base currency."""

    account_id: AccountId
    environment: Environment
    base_currency: Currency

    @property
    def masked(self) -> str:
        """The account number, safe to print."""
        return f"{self.account_id[:2]}…{self.account_id[-2:]}"

    def redact(self, text: str) -> str:
        """`text` without the account number."""
        return text.replace(self.account_id, self.masked)

    def is_ours(self, account: str) -> bool:
        """Whether a row is of this account; the gateway leaves the name empty in some."""
        return account in ("", self.account_id)

    def require_environment(self) -> None:
        """Raises BrokerRefused where a paper account is declared live, or a live one paper."""
        is_paper = self.account_id.startswith(PAPER_PREFIX)
        if is_paper != (self.environment is Environment.PAPER):
            actual = "paper" if is_paper else "live"
            raise BrokerRefused(
                f"account {self.masked} is a {actual} account, its manifest says {self.environment}: "
                "correct spec.environment or the account id"
            )

    def require_served(self, accounts: frozenset[AccountId]) -> None:
        """Raises BrokerRefused where the login does not serve the account."""
        if self.account_id not in accounts:
            others = counted(len(accounts), "other")
            raise BrokerRefused(
                f"the gateway's login does not serve account {self.masked} (it serves {others}): "
                "log the gateway in with the right user, or correct the account id"
            )
