"""Ctrl-C in the middle of a night: it ends at once, and the next night publishes."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import stamina

from tests.nights import ROOT, Home


class NotYetError(Exception):
    """The night has not come so far."""


@stamina.retry(on=NotYetError, attempts=None, timeout=120, wait_initial=0.2, wait_max=0.2)
def _wait_for(log: Path, line: str) -> None:
    if line not in log.read_text():
        raise NotYetError(line)


def test_ctrl_c_ends_a_night_at_once_and_the_next_one_publishes(home: Home) -> None:
    with tempfile.NamedTemporaryFile() as err:
        night = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "nightly", "--sample"],
            cwd=ROOT,
            env=home.environment(),
            stdout=subprocess.DEVNULL,
            stderr=err,
            start_new_session=True,
        )
        _wait_for(Path(err.name), "validate and load …")
        # A terminal sends it to the whole group, Prefect's own server among them.
        os.killpg(night.pid, signal.SIGINT)
        assert night.wait(timeout=15) == 130
        assert "interrupted; readers stay" in Path(err.name).read_text()
    done = home.run("nightly", "--sample")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Run 2 is published: 18 companies" in done.stdout
