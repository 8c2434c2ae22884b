"""Begin a source: `make new-source NAME=x` copies the exemplar under the new name.

The exemplar is `twelve_data`: one endpoint, one table, a key, a quota. What is copied is meant to
be changed; what is left to do, the walk says.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXEMPLAR = "twelve_data"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FILES = (
    "connectors/{0}/__init__.py",
    "connectors/{0}/records.py",
    "connectors/{0}/fetch.py",
    "connectors/{0}/parse.py",
    "flows/sources/{0}.py",
    "dbt_project/models/staging/{0}/stg_{0}__prices.sql",
)


def _renamed(text: str, name: str) -> str:
    words = name.split("_")
    spellings = {
        "twelve_data": name,
        "TwelveData": "".join(word.capitalize() for word in words),
        "Twelve Data": " ".join(word.capitalize() for word in words),
        "TWELVE_DATA": name.upper(),
    }
    for old, new in spellings.items():
        text = text.replace(old, new)
    return text


def begin(name: str, root: Path = ROOT) -> list[Path]:
    """Copy the exemplar's files; refuses a name that is taken or no module name."""
    if not _NAME.fullmatch(name):
        raise SystemExit(f"NAME={name!r} is no name: write it like open_data")
    made = []
    for pattern in FILES:
        target = root / pattern.format(name)
        if target.exists():
            raise SystemExit(f"{target.relative_to(root)} is there already; choose another name")
        made.append(target)
    for pattern, target in zip(FILES, made, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (root / pattern.format(EXEMPLAR)).read_text(encoding="utf-8")
        target.write_text(_renamed(text, name), encoding="utf-8")
    return made


def main() -> None:
    """Begin the source that is named, and list what is left to do."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: make new-source NAME=open_data")
    name = sys.argv[1]
    for path in begin(name):
        print(f"made {path.relative_to(ROOT)}")
    print("\nAdapt them to the source; then add, in this order:")
    # Another process: the new modules are to be imported, and the registry read anew.
    walk = [sys.executable, "-m", "tests.sources.walk", name]
    done = subprocess.run(walk, cwd=ROOT, capture_output=True, text=True, check=False)
    print("".join(f"  {line}\n" for line in done.stdout.splitlines()) + done.stderr, end="")
    print(f"\nAgain at any time: {Path(sys.executable).name} -m tests.sources.walk {name}")


if __name__ == "__main__":
    main()
