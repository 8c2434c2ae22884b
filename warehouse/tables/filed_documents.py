"""Documents of filings: where they lie, what they are, which bytes they have."""

from sqlalchemy import BigInteger, Column, Date, Text

from warehouse.tables.base import (
    ACCESSION,
    CIKS,
    FIRST_FILING,
    LAST_PERIOD,
    SHA256,
    WEB_ADDRESS,
    Change,
    raw_table,
)

filed_documents = raw_table(
    "filed_documents",
    ("cik", "accession", "name"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("accession", Text, nullable=False, info={"matches": ACCESSION}),
    Column("form", Text, nullable=False),
    Column("document_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("url", Text, nullable=False, info={"matches": WEB_ADDRESS}),
    Column("filed_date", Date, nullable=False, info={"in_range": (FIRST_FILING, LAST_PERIOD)}),
    Column("sha256", Text, nullable=False, info={"matches": SHA256}),
    # On most nights nobody filed.
    may_be_empty=True,
    changes=Change("'documents'", "cik", "filed_date"),
    asked_by=(
        ("cik", "accession"),
        ("sha256",),
    ),
)
