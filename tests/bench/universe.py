"""A whole archive, loaded in one go and with two kills: `python -m tests.bench.universe COUNT`.

An archive of so many filers, clones of the bundled ones or of those in --facts FOLDER, is loaded
into one home by `corpintel import-bulk --all`, undisturbed, and into another by runs of which the
first two are killed. Printed are the rate and the most memory of the command and its processes,
the server not counted; ends with code 1 where the two homes differ in a fact.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import psutil
import psycopg

from bench import clones
from tests.nights import ROOT, make_home
from warehouse import embedded
from warehouse.db import Warehouse, open_warehouse
from warehouse.settings import Settings

MIB = 2**20
# Every fact with its words, so that ids of two homes do not matter.
_CONTENTS = """
select count(*), sum(hash_record_extended(row(
    cik, taxonomy, concept, unit, start_date, end_date, value, accession, fy, fp, form, filed_date
), 0)) from raw.sec_facts
"""


def write_archive(path: Path, count: int, folder: Path | None) -> None:
    """Companyfacts of so many filers, each with accessions of its own."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for cik, body in clones.bodies(count, folder):
            archive.writestr(f"CIK{cik:010d}.json", body)


class Import:
    """A run of the command in a home, watched."""

    def __init__(self, home: Path, archive: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CORPINTEL_", "PREFECT_"))}
        self.most = 0.0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "import-bulk", str(archive), "--all"],
            cwd=ROOT,
            env=kept
            | {
                "CORPINTEL_HOME": str(home),
                "CORPINTEL_SEC_USER_AGENT": "Bench bench@example.com",
            },
            start_new_session=True,
        )

    def wait(self, until: float | None = None) -> bool:
        """Watch it for so many seconds, or to its end; whether it ended."""
        began = time.monotonic()
        while self.process.poll() is None:
            if until is not None and time.monotonic() - began > until:
                return False
            self.most = max(self.most, self._memory())
            time.sleep(1)
        assert self.process.returncode == 0, f"ended with {self.process.returncode}"
        return True

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _memory(self) -> float:
        total = 0
        try:
            command = psutil.Process(self.process.pid)
            for process in [command, *command.children(recursive=True)]:
                name = process.name()
                if "postgres" not in name:
                    total += process.memory_full_info().pss
        except psutil.Error:
            return self.most
        return total / MIB


def contents(home: Path) -> tuple[object, ...]:
    with open_warehouse(Settings(home=home, database_url=None)) as warehouse:
        _settle(warehouse)
        with psycopg.connect(warehouse.psycopg_dsn()) as connection:
            row = connection.execute(_CONTENTS).fetchone()
            size = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    assert size is not None
    print(f"  {row[0]:,} facts, {size[0] / 1e6:,.0f} MB", flush=True)
    return tuple(row)


def _settle(warehouse: Warehouse) -> None:
    """Packages are there whole or not at all."""
    with warehouse.engine.connect() as connection:
        states = connection.exec_driver_sql(
            "select status, count(*) from ops.loads group by 1 order by 1"
        )
        print("  packages:", ", ".join(f"{count} {status}" for status, count in states), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many filers")
    parser.add_argument("--facts", type=Path, help="a folder of companyfacts files to clone")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="corpintel-universe-"))
    whole, killed = make_home(), make_home()
    try:
        archive = folder / "companyfacts.zip"
        write_archive(archive, asked.count, asked.facts)
        print(f"archive of {asked.count:,} filers: {archive.stat().st_size / 1e6:,.0f} MB")
        began = time.monotonic()
        run = Import(whole, archive)
        run.wait()
        took = time.monotonic() - began
        print(f"undisturbed: {took:.0f} s, at most {run.most:,.0f} MiB", flush=True)
        wanted = contents(whole)
        print(f"  {int(str(wanted[0])) / took:,.0f} facts/s", flush=True)
        for share in (0.35, 0.3):
            run = Import(killed, archive)
            assert not run.wait(took * share), "ended before it was killed"
            run.kill()
            print(f"killed after {took * share:.0f} s", flush=True)
        run = Import(killed, archive)
        run.wait()
        print(f"taken up, at most {run.most:,.0f} MiB", flush=True)
        found = contents(killed)
        print("the same rows" if found == wanted else f"{found} is not {wanted}")
        return 0 if found == wanted else 1
    finally:
        for home in (whole, killed):
            embedded.stop(home / "postgres")
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
