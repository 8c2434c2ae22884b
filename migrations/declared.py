"""Raw tables as they are declared: one call in the migration that a new source brings."""

import sqlalchemy as sa
from alembic import op

from warehouse.tables import SOURCE_TABLES


def make_raw_table(name: str) -> None:
    """Make raw.<name> as it is declared at the time of the migration.

    A new home gets here the columns that were declared later, too. So a migration that brings such
    a column to older homes says `add column if not exists`, and one that takes a column or the
    table out of the declarations first writes the old table out in the migration that made it.
    """
    SOURCE_TABLES[name].create(op.get_bind(), checkfirst=False)
    noted = op.get_bind().execute(sa.text("select to_regproc('ops.note_arrivals')")).scalar()
    if noted is not None:
        note_arrivals(name)


def note_arrivals(name: str) -> None:
    """Let every statement that adds rows to raw.<name> note whose they are, as it is declared."""
    changes = SOURCE_TABLES[name].info["changes"]
    if changes is None or not _exists(name):
        return
    arguments = ", ".join(
        f"'{value.replace(chr(39), chr(39) * 2)}'"
        for value in (changes.domain, changes.by, changes.day or "null::date")
    )
    op.execute(
        f"create or replace trigger note_arrivals after insert on raw.{name}"
        " referencing new table as arrived for each statement"
        f" execute function ops.note_arrivals({arguments})"
    )


def _exists(name: str) -> bool:
    found = op.get_bind().execute(sa.text("select to_regclass(:name)"), {"name": f"raw.{name}"})
    return found.scalar() is not None
