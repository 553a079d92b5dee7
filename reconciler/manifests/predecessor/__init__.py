"""The predecessor's settings, as manifests: what each variable of its two templates became, and how one is read.

    .env ─env.read─▶ Entries ─convert.convert─▶ Setup, what became of each variable, and what goes into an env file

`variables.py` is the single source of the table on the page about moving, of the report, and of the conversion.
"""

from reconciler.manifests.predecessor.convert import Converted, convert
from reconciler.manifests.predecessor.env import EnvEntry, read_env

__all__ = ["Converted", "EnvEntry", "convert", "read_env"]
