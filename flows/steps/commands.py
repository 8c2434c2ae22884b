"""Our own commands as steps of flows, for what has a process of its own: drills, restores."""

import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)


class CommandFailedError(RuntimeError):
    """A command that did not end well; the message has its last words."""


def run_command(arguments: Sequence[str], changes: Mapping[str, str | None]) -> list[str]:
    """Run `corpintel` with these arguments, log what it says, and return that.

    `changes` are variables to set, or with None to unset. Raises CommandFailedError.
    """
    environment = {name: value for name, value in os.environ.items() if name not in changes}
    environment |= {name: value for name, value in changes.items() if value is not None}
    said = []
    with subprocess.Popen(
        [sys.executable, "-m", "flows.cli.main", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as command:
        assert command.stdout is not None, "a pipe was asked for"
        for line in command.stdout:
            said.append(line.rstrip())
            log.info("%s", said[-1])
    if command.returncode:
        told = "; ".join(said[-3:])
        raise CommandFailedError(
            f"corpintel {' '.join(arguments)} ended with code {command.returncode}: {told}"
        )
    return said
