"""Raw tables as they are declared: one call in the migration that a new source brings."""

from alembic import op

from warehouse.tables import SOURCE_TABLES


def make_raw_table(name: str) -> None:
    """Make raw.<name> as it is declared at the time of the migration.

    A new home gets here the columns that were declared later, too. So a migration that brings such
    a column to older homes says `add column if not exists`, and one that takes a column or the
    table out of the declarations first writes the old table out in the migration that made it.
    """
    SOURCE_TABLES[name].create(op.get_bind(), checkfirst=False)
