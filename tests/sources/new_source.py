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
    "connectors/{0}/fetch.py",
    "connectors/{0}/parse.py",
    "warehouse/tables/{0}.py",
    "flows/sources/{0}.py",
    "dbt_project/models/staging/{0}/_{0}.yml",
    "dbt_project/models/staging/{0}/stg_{0}__prices.sql",
    "tests/sources/examples/{0}.py",
)
VERSIONS = "migrations/versions"
_MIGRATION = '''"""The raw tables of {title}."""

from alembic import op

from migrations.declared import make_raw_table

revision = "{revision}"
down_revision = "{previous}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    make_raw_table("{name}_prices")


def downgrade() -> None:
    op.drop_table("{name}_prices", schema="raw")
'''


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split("_"))


def _renamed(text: str, name: str) -> str:
    spellings = {
        "api.twelvedata.com": f"{name.replace('_', '-')}.example",
        "twelve_data": name,
        "TwelveData": _title(name).replace(" ", ""),
        "Twelve Data": _title(name),
        "TWELVE_DATA": name.upper(),
    }
    for old, new in spellings.items():
        text = text.replace(old, new)
    return text


def _migration(name: str, root: Path) -> tuple[Path, str]:
    """The migration after the newest one, and its text."""
    newest = max(path.name for path in (root / VERSIONS).glob("[0-9]*.py"))
    previous = newest.partition("_")[0]
    revision = f"{int(previous) + 1:04}"
    text = _MIGRATION.format(title=_title(name), name=name, revision=revision, previous=previous)
    return root / VERSIONS / f"{revision}_{name}.py", text


def begin(name: str, root: Path = ROOT) -> list[Path]:
    """Copy the exemplar's files, and write the migration of its table.

    Refuses a name that is taken or no module name.
    """
    if not _NAME.fullmatch(name):
        raise SystemExit(f"NAME={name!r} is no name: write it like open_data")
    texts: dict[Path, str] = {}
    for pattern in FILES:
        target = root / pattern.format(name)
        if target.exists():
            raise SystemExit(f"{target.relative_to(root)} is there already; choose another name")
        exemplar = (root / pattern.format(EXEMPLAR)).read_text(encoding="utf-8")
        texts[target] = _renamed(exemplar, name)
    migration, text = _migration(name, root)
    texts[migration] = text
    for target, text in texts.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return list(texts)


def main() -> None:
    """Begin the source that is named, and list what is left to do."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: make new-source NAME=open_data")
    name = sys.argv[1]
    for path in begin(name):
        print(f"made {path.relative_to(ROOT)}")
    print(
        "\nAdapt them to the source. Where it knows companies by another name than their ticker, "
        "give them a handle in warehouse/watchlist.py. Then add:"
    )
    # Another process: the new modules are to be imported.
    walk = [sys.executable, "-m", "tests.sources.walk", name]
    done = subprocess.run(walk, cwd=ROOT, capture_output=True, text=True, check=False)
    print("".join(f"  {line}\n" for line in done.stdout.splitlines()) + done.stderr, end="")
    print(f"\nAgain at any time: {Path(sys.executable).name} -m tests.sources.walk {name}")


if __name__ == "__main__":
    main()
