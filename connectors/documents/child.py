"""The worker of `sandbox`: forks a child for each document, holds it to its limits, tells a
verdict."""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from typing import Any, Final, NoReturn

from connectors.documents.pdf import PREFERENCE, preferred_reader
from connectors.documents.reading import Reading, read_document
from connectors.documents.sandbox import READING, receive, send

_OUT_OF_MEMORY: Final = 77
_CRASHED: Final = 78
_OPEN_FILES: Final = 64
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHUNK: Final = 1 << 20
# Nothing that a reader of documents has to do.
_FORBIDDEN: Final = frozenset(
    {
        "socket.__new__",
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.system",
        "os.remove",
        "os.truncate",
        "os.symlink",
        "os.link",
        "os.rmdir",
        "os.chmod",
        "os.chown",
        "os.utime",
        "ctypes.dlopen",
        "os.rename",
        "os.mkdir",
        "os.kill",
    }
)


class ForbiddenError(RuntimeError):
    """What no reader of a document has to do."""


def main() -> None:
    """Read documents from standard input until it ends."""
    # Whatever a reader prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Imported before the first fork: a child begins with its readers in memory.
    import pdfplumber  # noqa: F401
    import pypdf  # noqa: F401

    import connectors.documents.pdfium  # noqa: F401

    while True:
        try:
            job = json.loads(receive(sys.stdin.buffer))
            body = receive(sys.stdin.buffer)
            send(answers, _answer(job, body))
        except (EOFError, BrokenPipeError):
            # Whoever asked is gone; what they did not take must not be flushed once more.
            os._exit(0)


def _answer(job: dict[str, Any], body: bytes) -> bytes:
    """What a child reads; of a PDF that ended pdfium's, what one reads that asks pdfplumber first.

    C code ends its process where it is refused memory; Python can say so.
    """
    answer, failure = _attempt(job, body)
    is_of_pdfium = b"%PDF-" in body[:1024] and preferred_reader() == "pdfium"
    if failure is not None and failure.verdict == "crashed" and is_of_pdfium:
        answer, failure = _attempt(job | {"pdf_reader": "pdfplumber"}, body)
    return answer if failure is None else READING.dump_json(failure)


def _attempt(job: dict[str, Any], body: bytes) -> tuple[bytes, Reading | None]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _read_in_child(job, body, writing)
    os.close(writing)
    try:
        answer, is_late = _collect(reading, job["wall_seconds"])
    except EOFError:
        os.kill(pid, signal.SIGKILL)
        raise
    os.close(reading)
    if is_late:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return answer, _failure(status, is_late, job)


def _collect(reading: int, seconds: float) -> tuple[bytes, bool]:
    """What the child says, and whether it is late; EOFError where nobody waits for it any more."""
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        ready, _, _ = select.select([reading, sys.stdin], [], [], max(left, 0))
        if left <= 0 or not ready:
            return b"", True
        # Nobody asks for the next document before this one's answer: this is the end.
        if sys.stdin in ready:
            raise EOFError
        part = os.read(reading, _CHUNK)
        if not part:
            return b"".join(parts), False
        parts.append(part)


def _failure(status: int, is_late: bool, job: dict[str, Any]) -> Reading | None:
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and not is_late:
        return None
    if is_late:
        return Reading("out_of_time", f"not read within {job['wall_seconds']} s")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Reading("out_of_time", f"used {job['cpu_seconds']} s of CPU time")
    if code == _OUT_OF_MEMORY:
        return Reading("out_of_memory", f"needs more than {job['memory_bytes']:,} bytes")
    if code < 0:
        return Reading("crashed", f"its reader ended by {signal.Signals(-code).name}")
    return Reading("crashed", f"its reader ended with code {code}")


def _read_in_child(job: dict[str, Any], body: bytes, writing: int) -> NoReturn:
    code = _CRASHED
    try:
        # Nothing of the worker's own: neither its questions nor its answers.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for descriptor in range(3, _OPEN_FILES):
            if descriptor != writing:
                with suppress(OSError):
                    os.close(descriptor)
        # Opened while it may still open something to write to.
        with os.fdopen(writing, "wb") as stream:
            os.environ[PREFERENCE] = job.get("pdf_reader", preferred_reader())
            _hold(job)
            stream.write(READING.dump_json(_read(job, body)))
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    finally:
        os._exit(code)


def _read(job: dict[str, Any], body: bytes) -> Reading:
    try:
        return read_document(body, job["document_type"])
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a document makes of its reader, recursion without end among it, is a verdict.
        return Reading("crashed", f"its reader failed: {type(error).__name__}: {error!s:.200}")


def _hold(job: dict[str, Any]) -> None:
    """Give up what a document could misuse."""
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_seconds"], job["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory_bytes"], job["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    # An empty network, where the kernel lets an ordinary user have one of his own; Python itself
    # knows the call since 3.12 alone.
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(_NEW_USER | _NEW_NETWORK)
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise ForbiddenError(f"a document's reader asked for {event}")
    if event != "open":
        return
    _, mode, flags = arguments
    is_written = isinstance(mode, str) and set(mode) & set("wax+")
    if is_written or (isinstance(flags, int) and flags & _WRITES):
        raise ForbiddenError("a document's reader asked to write a file")


if __name__ == "__main__":
    main()
