"""Processes beside the night's own: what would keep its threads from fetching is done there."""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager

from connectors.records import Parsed

# What is read holds no circles, and Python would look for some after every few hundred rows: with
# that, reading takes nearly twice as long.
OBJECTS_BETWEEN_COLLECTIONS = 200_000
# A shorter answer is read before it would have arrived in another process.
_LONG = 1_000_000
_WATCH_SECONDS = 1.0


class Readers:
    """Parsers of long answers, in as many processes as there are cores, begun when first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def begin(self, read: Callable[[bytes], Parsed], body: bytes) -> Future[Parsed]:
        """Have `read`, which must be a module's own function, read the body; whatever it raises
        comes with the result, and BrokenExecutor where a process was killed.
        """
        if len(body) < _LONG:
            done: Future[Parsed] = Future()
            try:
                done.set_result(read(body))
            except Exception as error:
                done.set_exception(error)
            return done
        with self._lock:
            try:
                return self._submit(read, body)
            except BrokenExecutor:
                # One was killed, by a system short of memory say: others take their place.
                self._pool = None
                return self._submit(read, body)

    def _submit(self, read: Callable[[bytes], Parsed], body: bytes) -> Future[Parsed]:
        pool = self._processes()
        with deaf_to_ctrl_c():
            return pool.submit(read, body)

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                os.cpu_count() or 1,
                multiprocessing.get_context("spawn"),
                _begin_reading,
                (os.getpid(),),
            )
        return self._pool

    def close(self) -> None:
        """End the processes; what was not begun is not read."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _begin_reading(parent: int) -> None:
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    stay_with(parent)


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Let processes that begin in the block hear no Ctrl-C, from their first moment on: it is the
    night's to answer, which hears it in another thread or after the block.

    Their pool is made before the block: the first one starts multiprocessing's tracker of
    resources, which lets the signal through again.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stay_with(parent: int) -> None:
    """Let this process end when the night's process does, whatever ends that."""
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
