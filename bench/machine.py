"""What a measurement is of: the machine, its memory and its disk."""

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from warehouse.db import Warehouse

MIB = 2**20
# Adding up the pages of all processes takes a tenth of a second.
_WATCH_SECONDS = 3


def described() -> dict[str, str]:
    """The machine and what it runs, in words."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@contextmanager
def peak_memory(server: int | None = None) -> Iterator[list[float]]:
    """The most memory, in MiB, of this process's tree, and of the server's if one is given."""
    most = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            total = 0
            for root in [psutil.Process()] + ([psutil.Process(server)] if server else []):
                for process in [root, *root.children(recursive=True)]:
                    try:
                        # Shared pages are counted by their share, or the server's would be
                        # counted once for every session.
                        total += process.memory_full_info().pss
                    except psutil.Error:
                        continue
            most[0] = max(most[0], total / MIB)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def bytes_by_schema(warehouse: Warehouse) -> dict[str, int]:
    """What lies on disk, with indexes, by schema; the write-ahead log is not counted."""
    with warehouse.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "select n.nspname, sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'm') and n.nspname !~ '^pg_|^information_schema$'"
            " group by 1 having sum(pg_total_relation_size(c.oid)) > 0 order by 2 desc"
        )
        return {row.nspname: row.bytes for row in rows}
