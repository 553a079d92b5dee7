"""The composition root, in two steps: load the desired state, then open a session on one account.

    desired ─▶ Workspace ─▶ accounts ─▶ session: state (lock, journal, reports) and connection ─▶ Session
                                └─────▶ examination: the same parts, each looked at where another is missing

Everything that knows a vendor is put together here and nowhere else. Imports of adapters are inside the functions: a
command that only validates must not pay for SQLAlchemy and a broker library.
"""

from reconciler.bootstrap.accounts import choose_account, choose_accounts, ids_of, require_own_number
from reconciler.bootstrap.connection import Purpose
from reconciler.bootstrap.desired import Workspace, load, workspace
from reconciler.bootstrap.examination import Reading, examine
from reconciler.bootstrap.halts import account_to_halt, require_keyring_asked, switch_of
from reconciler.bootstrap.machine import current_text, system_clock, write_changes
from reconciler.bootstrap.recorder import TOOL
from reconciler.bootstrap.session import open_session
from reconciler.bootstrap.state import account_lock, open_journal, require_durable_state

__all__ = [
    "TOOL",
    "Purpose",
    "Reading",
    "Workspace",
    "account_lock",
    "account_to_halt",
    "choose_account",
    "choose_accounts",
    "current_text",
    "examine",
    "ids_of",
    "load",
    "open_journal",
    "open_session",
    "require_durable_state",
    "require_keyring_asked",
    "require_own_number",
    "switch_of",
    "system_clock",
    "workspace",
    "write_changes",
]
