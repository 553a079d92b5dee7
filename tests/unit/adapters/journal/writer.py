"""A process that works on a journal and says each time that a write returned: `python -m … JOURNAL MODE NAME`.

`endless` writes until it is killed. `race` waits for a line on its standard input, opens the journal and tries to begin
a run of the one plan that all racers want.
"""

import itertools
import sys
from pathlib import Path

from reconciler.adapters.journal.open import open_journal
from reconciler.domain.errors import PlanAlreadyBegun
from reconciler.domain.ids import RunId
from tests.unit.adapters.journal.records import NOW, ONE_OF_EACH, a_run, an_intent


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def write_endlessly(path: Path) -> None:
    journal = open_journal(path)
    journal.begin_run(a_run())
    for number in itertools.count(1):
        intent = an_intent(line=number, order_id=number)
        journal.record_intent(intent)
        _say(f"intended {number}")
        journal.record_sent(intent.ref, NOW)
        _say(f"sent {number}")
        journal.record_reports(RunId("run-1"), ONE_OF_EACH, NOW)
        _say(f"reported {number}")


def race(path: Path, name: str) -> None:
    _say("ready")
    sys.stdin.readline()
    journal = open_journal(path)
    journal.begin_run(a_run(f"own-{name}", f"own-{name}"))
    try:
        journal.begin_run(a_run(f"racer-{name}", "wanted by all"))
    except PlanAlreadyBegun as refused:
        _say(f"lost to {refused.run}")
    else:
        _say(f"won as racer-{name}")
    journal.close()


if __name__ == "__main__":
    journal_path, mode, own_name = sys.argv[1:]
    if mode == "race":
        race(Path(journal_path), own_name)
    else:
        write_endlessly(Path(journal_path))
