"""Hostile documents: bounded time and memory, one verdict each, and the reader goes on."""

import gzip
import io
import marshal
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.documents.reading import read_document
from connectors.documents.sandbox import DocumentReader, Limits
from tests.documents.hostile import PAGES, PDFS, long_strings
from tests.limits import seconds, wait_for

# What is held is CPU time; the clock only bounds waiting.
_LIMITS = Limits(cpu_seconds=15, wall_seconds=seconds(30), memory_bytes=1_000_000_000)
_EACH = {**PDFS, **PAGES}
_STRINGS = long_strings()


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    reader = DocumentReader(_LIMITS)
    yield reader
    reader.close()


@pytest.mark.parametrize("name", _EACH)
def test_each_costs_one_verdict(reader: DocumentReader, name: str) -> None:
    make, verdicts = _EACH[name]
    started = time.monotonic()
    reading = reader.read(make())
    assert reading.verdict in verdicts, reading.detail
    assert time.monotonic() - started < seconds(45)
    assert reader.read(b"<p>The next one is read as ever.</p>").verdict == "read"


def test_an_entity_brings_nothing_of_ours(reader: DocumentReader) -> None:
    make, _ = PAGES["external entity"]
    reading = reader.read(make())
    assert not any("root:" in section.text for section in reading.sections)
    assert reading.facts == []


@pytest.mark.parametrize(
    ("name", "document_type"),
    # A form with items is searched for them too; without any it is read as a release.
    [*((name, "EX-99.1") for name in _STRINGS), *((name, "10-Q") for name in ("item", "digits"))],
)
def test_a_megabyte_of_one_string(reader: DocumentReader, name: str, document_type: str) -> None:
    reading = reader.read(_STRINGS[name], document_type)
    # Out of time would be a pattern that takes time with the square of its text.
    assert reading.verdict in {"read", "empty"}, reading.detail


def test_what_is_too_large_is_not_begun() -> None:
    reader = DocumentReader(Limits(body_bytes=10))
    assert reader.read(b"<p>more than ten bytes</p>").verdict == "too_large"


def test_a_worker_that_died_is_replaced(reader: DocumentReader) -> None:
    assert reader.read(b"<p>one</p>").verdict == "read"
    assert reader._process is not None
    reader._process.kill()
    reader._process.wait()
    assert reader.read(b"<p>two</p>").verdict == "read"


def test_readers_end_with_whoever_asked(tmp_path: Path) -> None:
    """The one that asks is killed while its reader's child is at a document that never ends."""
    long = tmp_path / "long.htm"
    long.write_bytes(b"<p>Revenue was $5 million in the third quarter of 2024.</p>\n" * 100_000)
    asks = """
import sys
from pathlib import Path
from connectors.documents.sandbox import DocumentReader
reader = DocumentReader()
print(reader._running().pid, flush=True)
reader.read(Path(sys.argv[1]).read_bytes())
"""
    with subprocess.Popen(
        [sys.executable, "-c", asks, str(long)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        assert asking.stdout is not None
        assert asking.stderr is not None
        worker = int(asking.stdout.readline())
        child = wait_for(lambda: _of_group(worker) - {worker}, 60, "the document was never begun")
        os.kill(child.pop(), signal.SIGSTOP)
        asking.kill()
        wait_for(lambda: not _of_group(worker), 20, "its readers go on")
        assert asking.stderr.read() == b""


def _of_group(leader: int) -> set[int]:
    """The processes of a group that have not ended."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,pid=,stat="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(pid) for group, pid, state in rows if group == str(leader) and state[0] != "Z"}


def test_a_document_cannot_reach_the_network_nor_write(tmp_path: Path) -> None:
    """The limits themselves, tried from within: a child of the worker is held before it reads."""
    tried = """
import socket
from connectors.documents.child import ForbiddenError, _hold
_hold({"cpu_seconds": 5, "memory_bytes": 1_000_000_000})
for attempt in (
    lambda: socket.socket(),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: open("written", "w"),
    lambda: __import__("os").system("true"),
    lambda: __import__("subprocess").Popen(["true"]),
):
    try:
        attempt()
    except ForbiddenError:
        continue
    raise SystemExit("was let through")
print("held")
"""
    done = subprocess.run(
        [sys.executable, "-c", tried],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.defpath},
        check=False,
    )
    assert "held" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (random.Random(1).randbytes(20_000), "not_text"),
        (b'{"hits": {"total": 0}, "took": 3}', "data"),
        (
            b"<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>"
            b"<p>You don't have permission to access this page. Reference #18.2f</p></body></html>",
            "error_page",
        ),
        (b"<html><body><h1>503 Service Unavailable</h1></body></html>", "error_page"),
        (
            b"<html><body><p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do"
            b" eiusmod tempor incididunt ut labore et dolore magna aliqua.</p></body></html>",
            "filler",
        ),
        (
            b"<html><body><p>Access to capital was denied to nobody in 2024.</p></body></html>",
            "read",
        ),
        (b"[Letterhead] Dear shareholders, revenue was $5 million in 2024.", "read"),
    ],
)
def test_what_is_no_document_is_told_by_its_kind(body: bytes, verdict: str) -> None:
    reading = read_document(body)
    assert reading.verdict == verdict
    assert (reading.characters == 0) == (verdict != "read")


_SAID = b"<p>Revenue was $5 million in the third quarter of 2024.</p>\n" * 2_000


def _archived(kind: str) -> bytes:
    """An archive whose one file is kept as it is, so that nearly all of it is text."""
    packed = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=packed, mode="w") as tar:
            held = tarfile.TarInfo("letter.htm")
            held.size = len(_SAID)
            tar.addfile(held, io.BytesIO(_SAID))
    else:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("letter.htm", _SAID)
    return packed.getvalue()


def _program() -> bytes:
    return Path(sys.executable).resolve().read_bytes()[:3_000_000]


_PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00" + zlib.compress(_SAID)
_FILED = b"<DOCUMENT>\n<TYPE>10-K\n<TEXT>\nRevenue was $5 million.\n</TEXT>\n</DOCUMENT>\n"
_BINARIES = {
    "program": _program,
    "compiled code": lambda: marshal.dumps(compile("a = 1\n" * 500, _SAID.decode(), "exec")),
    "picture": lambda: _PICTURE,
    "gzip": lambda: gzip.compress(_SAID),
    "gzip of nothing": lambda: gzip.compress(b""),
    "zip": lambda: _archived("zip"),
    "tar": lambda: _archived("tar"),
    "zip behind a page": lambda: _SAID + gzip.compress(random.Random(2).randbytes(90_000)),
    "program that begins as a submission": lambda: _FILED + _program(),
}


@pytest.mark.parametrize("name", _BINARIES)
def test_what_is_not_text_is_no_document(name: str) -> None:
    reading = read_document(_BINARIES[name]())
    assert (reading.verdict, reading.characters) == ("not_text", 0)
    assert "no text" in (reading.detail or "")


@pytest.mark.parametrize("stray", [b"\0", b"\0\0\0", b"\x1a", b"\x0c"])
def test_a_page_with_a_stray_byte_is_read(stray: bytes) -> None:
    said = _SAID[: len(_SAID) // 100]
    assert read_document(said + stray + said).verdict == "read"
