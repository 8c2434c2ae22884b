"""A home of an earlier release, upgraded in place: `make long-upgrade FROM=REVISION`.

The earlier release, taken from the repository's own history, publishes the sample in a home, which
is migrated. The first night of this release in it is killed while it builds, and readers must still
see what they saw; the second must give the same content hash as a night in a new home.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.nights import ROOT, Home, begun_night, dump_marts, make_home

LAST_RELEASE = "fb9e3cf"
_HASH = "select content_hash from publications where is_current"


def night_of(revision: str, home: Home) -> None:
    """Run the sample night with the code of that revision, on the packages installed here."""
    tree = Path(tempfile.mkdtemp(prefix="corpintel-earlier-"))
    try:
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", str(tree / "code"), revision],
            cwd=ROOT,
            check=True,
        )
        subprocess.run(
            [sys.executable, "-m", "flows.cli.main", "nightly", "--sample"],
            cwd=tree / "code",
            env=home.environment() | {"PYTHONPATH": str(tree / "code")},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    finally:
        shutil.rmtree(tree)
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=True)


def killed_night(home: Home) -> None:
    """Begin a night of this release and kill it with all its processes while it builds."""
    with begun_night(home, r"build marts …") as (night, _):
        os.killpg(night.pid, signal.SIGKILL)
        night.wait()


def _show(home: Home) -> str:
    [row] = home.query(_HASH)
    return row["content_hash"]


def main() -> None:
    """Print what readers saw after each step; exit code 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", nargs="?", default=LAST_RELEASE, help="an earlier release")
    revision = parser.parse_args().revision
    new, upgraded = Home(make_home()), Home(make_home())
    try:
        with new.server_up(), upgraded.server_up():
            assert new.run("nightly", "--sample").returncode == 0
            night_of(revision, upgraded)
            before = _show(upgraded)
            print(f"{revision}: {before}")
            # What a migration rewrites, readers see at once; a night that fails adds nothing.
            assert upgraded.run("db", "migrate").returncode == 0
            seen = dump_marts(upgraded)
            killed_night(upgraded)
            kept = _show(upgraded) == before and dump_marts(upgraded) == seen
            print(
                f"killed while it built: readers {'see the same' if kept else 'see something else'}"
            )
            done = upgraded.run("nightly", "--sample")
            assert done.returncode == 0, done.stdout + done.stderr
            print(f"upgraded in place: {_show(upgraded)}\na new home: {_show(new)}")
            if not kept or _show(upgraded) != _show(new):
                raise SystemExit(1)
    finally:
        shutil.rmtree(new.path, ignore_errors=True)
        shutil.rmtree(upgraded.path, ignore_errors=True)


if __name__ == "__main__":
    main()
