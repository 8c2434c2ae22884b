"""How fast documents are read, side by side in one run: `python -m tests.bench.documents FOLDER`.

FOLDER holds HTML and PDF files, in any depth. Each is read as a night reads it, in its own process:
with one worker, then with two. The figures are of whole readings: text, sections, facts and KPIs.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from connectors.documents.sandbox import reading_pool

# How often each figure is taken; the fastest counts, since other work only slows.
ROUNDS = 2
LARGE_HTML = 1_500_000


@dataclass(frozen=True)
class Round:
    """One reading of all files of a kind: seconds, bytes, and pages of PDFs."""

    seconds: float
    size: int
    pages: int


def measure(paths: list[Path], workers: int) -> Round:
    """Read the files once with so many workers; their start is not counted."""
    bodies = [path.read_bytes() for path in paths]
    with reading_pool(workers) as pool:
        for future in [pool.submit(b"<p>warm</p>", "") for _ in range(2 * workers)]:
            future.result()
        started = time.perf_counter()
        futures = [pool.submit(body, "") for body in bodies]
        readings = [future.result() for future in futures]
        seconds = time.perf_counter() - started
    return Round(seconds, sum(map(len, bodies)), sum(reading.pages or 0 for reading in readings))


def fastest(paths: list[Path], workers: int) -> Round:
    """The fastest of several rounds."""
    return min((measure(paths, workers) for _ in range(ROUNDS)), key=lambda round: round.seconds)


def main() -> None:
    """Print a line for each kind and number of workers."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m tests.bench.documents FOLDER")
    files = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
    pages = [path for path in files if path.suffix in {".html", ".htm", ".txt"}]
    pdfs = [path for path in files if path.suffix == ".pdf"]
    for name, paths in (("HTML", pages), ("PDF", pdfs)):
        for workers in (1, 2):
            if not paths:
                continue
            best = fastest(paths, workers)
            speed = f"{best.size / best.seconds / 1e6:6.2f} MB/s"
            if best.pages:
                speed += f", {best.pages / best.seconds:5.1f} pages/s"
            kinds = f"{name:<5} {len(paths):>3} files, {workers} workers"
            print(f"{kinds}: {best.seconds:6.2f} s, {speed}")
    for path in pages:
        if path.stat().st_size > LARGE_HTML:
            best = fastest([path], 1)
            print(f"{path.stat().st_size / 1e6:5.2f} MB  {best.seconds:5.2f} s  {path.name}")


if __name__ == "__main__":
    main()
