"""The saved plan: what `plan -o` writes, `show` renders and `apply FILE` runs. Written canonically, read with distrust.

The document is self-contained: `read(write(plan)) == plan`, and one plan always gives the same bytes. Reading proves
three things before anybody may act on it: the text is whole (`digest`), the intent is the one that was reviewed
(`fingerprint`), and the plan is the one that an apply consumes (`id`). None of them is a signature: whoever can write
the file can write all three. What protects an account from a forged plan is that apply checks everything again.

Also here, because every other document shares it: the envelope and the JSON forms of numbers, money and time.
"""

from collections.abc import Sequence

from reconciler.diagnostics import Diagnostic
from reconciler.domain.plan import Plan
from reconciler.planfile.document import PlanDocument
from reconciler.planfile.envelope import FORMAT_VERSION, text_of
from reconciler.planfile.making import plan_document
from reconciler.planfile.reading import parsed
from reconciler.planfile.rebuilding import plan_of

__all__ = ["FORMAT_VERSION", "PlanDocument", "plan_document", "read", "write"]


def write(plan: Plan, *, tool: str, diagnostics: Sequence[Diagnostic] = ()) -> str:
    """The plan as JSON text: sorted keys, two spaces, a final newline. `tool` is the program and its version."""
    return text_of(plan_document(plan, tool=tool, diagnostics=diagnostics))


def read(text: str) -> Plan:
    """The plan in `text`. Raises PlanUnreadable, saying what is wrong and what to do, where it is not whole."""
    return plan_of(parsed(text))
