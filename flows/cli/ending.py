"""Ctrl-C and SIGTERM: one line and exit code 130 or 143, whatever the command is doing.

Imports nothing slow, typing neither, since it comes before all else.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

_WORDS: Mapping[int, str] = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "ended by SIGTERM",
}
# A bar of progress hides the cursor, and Ctrl-C leaves its own sign in the line.
_CURSOR_BACK = "\x1b[?25h\n"


class _ToldToEndError(KeyboardInterrupt):
    """What `tidied` raises: psycopg cancels its query for any KeyboardInterrupt."""

    def __init__(self, told: int) -> None:
        super().__init__()
        self.told = told


def end_when_told() -> None:
    """Let both signals end this process at once from now on.

    Nothing is undone: a kill -9 needs no clean-up either. An exception would not do: raised inside
    an import or a destructor it is printed and lost, and Prefect would go on for minutes. A thread
    does it, since the main one may wait in a compiled library, for a lock of the database say.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for told in _WORDS:
        signal.signal(told, _left_to_the_thread)
    signal.set_wakeup_fd(writing)
    threading.Thread(target=_wait, args=(reading,), daemon=True).start()
    # A fork has no such thread, and would write to that of its parent.
    os.register_at_fork(after_in_child=_as_any_process)


@contextmanager
def tidied() -> Iterator[None]:
    """Let the block undo what it began before the signals end the process: programs that it runs,
    a query on somebody's server, mounts.
    """
    wakeup = signal.set_wakeup_fd(-1)
    before = {told: signal.signal(told, _raise) for told in _WORDS}
    try:
        yield
    except _ToldToEndError as end:
        _leave(end.told)
    finally:
        for told, handler in before.items():
            signal.signal(told, handler)
        signal.set_wakeup_fd(wakeup)


def _left_to_the_thread(_told: int, _frame: FrameType | None) -> None:
    """Python writes the signal to the thread's pipe, as it does for handlers alone."""


def _raise(told: int, _frame: FrameType | None) -> None:
    raise _ToldToEndError(told)


def _as_any_process() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _wait(reading: int) -> None:
    while True:
        for told in os.read(reading, 64):
            if told in _WORDS:
                _leave(told)


def _leave(told: int) -> None:
    stay = "; readers stay on the last good night" if "prefect" in sys.modules else ""
    line = f"corpintel: {_WORDS[told]}{stay}\n"
    # Not by sys.stderr, which the main thread may hold.
    with suppress(OSError):
        os.write(2, (_CURSOR_BACK + line if os.isatty(2) else line).encode())
    os._exit(128 + told)
