"""Documents are read in processes of their own: a hostile file costs one verdict, never the night.

A process per worker starts once, imports the readers, and forks for each document a child with
limits on CPU time and memory, without network and unable to write files. What the child says
comes back as JSON and is checked: nothing of a document is ever run or unpickled by us.
"""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import IO, Final

from pydantic import TypeAdapter, ValidationError

from connectors.documents.pdf import PREFERENCE, preferred_reader
from connectors.documents.reading import Reading

_LENGTH: Final = struct.Struct(">Q")
READING: Final = TypeAdapter(Reading)


@dataclass(frozen=True)
class Limits:
    """What reading one document may cost: seconds of CPU and of the clock, bytes of memory."""

    cpu_seconds: int = 300
    wall_seconds: int = 360
    memory_bytes: int = 1_500_000_000
    body_bytes: int = 80_000_000


class DocumentReader:
    """One worker process; `read` may be called by one thread at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, body: bytes, document_type: str = "") -> Reading:
        """Read a document; whatever it does to its process becomes a verdict."""
        if len(body) > self._limits.body_bytes:
            return Reading(
                "too_large",
                f"{len(body):,} bytes, more than {self._limits.body_bytes:,}",
                "pdf" if body[:5] == b"%PDF-" else "html",
            )
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            job = json.dumps({"document_type": document_type, **asdict(self._limits)}).encode()
            for part in (job, body):
                send(process.stdin, part)
            answer = receive(process.stdout)
            return READING.validate_json(answer)
        except (OSError, EOFError, ValidationError) as error:
            self.close()
            return Reading("crashed", f"its process ended: {type(error).__name__}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "connectors.documents.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # A document has no business with what this process knows.
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", PREFERENCE: preferred_reader()},
                # Ctrl-C is for the night, which ends its readers itself.
                start_new_session=True,
            )
        return self._process

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        # Its child too, which would hold the pipe open until its own limits end it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        process.wait()


class ReaderPool:
    """Several readers side by side; results come as futures."""

    def __init__(self, workers: int, limits: Limits | None = None) -> None:
        self._limits = limits
        self._local = threading.local()
        self._readers: list[DocumentReader] = []
        self._pool = ThreadPoolExecutor(workers, "documents", self._begin)

    def _begin(self) -> None:
        self._local.reader = DocumentReader(self._limits)
        self._readers.append(self._local.reader)

    def submit(self, body: bytes, document_type: str) -> Future[Reading]:
        """Have a document read as soon as a worker is free."""
        return self._pool.submit(self._read, body, document_type)

    def _read(self, body: bytes, document_type: str) -> Reading:
        reader: DocumentReader = self._local.reader
        return reader.read(body, document_type)

    def close(self) -> None:
        """End all workers; what was not begun is not read."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for reader in self._readers:
            reader.close()


@contextmanager
def reading_pool(workers: int, limits: Limits | None = None) -> Iterator[ReaderPool]:
    """A pool that ends with the block."""
    pool = ReaderPool(workers, limits)
    try:
        yield pool
    finally:
        pool.close()


def send(stream: IO[bytes], part: bytes) -> None:
    """Write a part with its length before it."""
    stream.write(_LENGTH.pack(len(part)))
    stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Read a part; EOFError where the other side ended."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return body
