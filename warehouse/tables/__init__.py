"""Schemas raw and ops, declared once: a module for each source, and one for the night's own tables.

Every module of this folder is read, so that a new source's tables are declared by its file alone.
"""

import importlib
import pkgutil

from sqlalchemy import Table

from warehouse.tables.base import metadata, record_columns, shown

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

SOURCE_TABLES: dict[str, Table] = {
    table.name: table
    for tables in (metadata.tables, shown.tables)
    for table in tables.values()
    if "key" in table.info
}

__all__ = ["SOURCE_TABLES", "metadata", "record_columns"]
