import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from reconciler.adapters.ib import library
from reconciler.domain.errors import Refused
try:
    library.load()
except Refused as refusal:
    sys.exit(str(refusal))
"""


def test_without_a_library_it_says_what_to_install() -> None:
    # -S leaves out everything that is installed.
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM, str(ROOT)], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert "pip install 'folioctl[ib]'" in done.stderr
