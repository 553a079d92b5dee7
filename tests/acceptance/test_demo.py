"""`folioctl demo`: the main job for somebody who has nothing yet."""

import os
import re
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.stage import bare_environment, command

pytestmark = pytest.mark.broker


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(120)
@pytest.mark.parametrize("at_once", [1, pytest.param(2, marks=pytest.mark.full)])
def test_demos_at_once_all_end_in_sync_and_leave_nothing_running(at_once: int, tmp_path: Path) -> None:
    environment = bare_environment(tmp_path) | {"TMPDIR": str(tmp_path), "DRY_RUN": "true"}
    demos = [
        subprocess.Popen(
            command("demo"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env=environment,
            start_new_session=True,
        )
        for _ in range(at_once)
    ]
    said = [demo.communicate()[0] for demo in demos]
    for demo, text in zip(demos, said, strict=True):
        assert demo.returncode == 0, text
        assert "Traceback" not in text
        assert "\x1b" not in text
        told = re.search(r"In sync at leverage ([\d.]+), target 1\.4\b", text)
        assert told, text
        assert abs(Decimal(told[1]) - Decimal("1.40")) <= Decimal("0.02")
        (report,) = re.findall(r"The run's report is in (\S+)\.\n", text)
        assert Path(report).is_file()
        assert not is_alive(demo.pid)
