"""Documents of investor pages: where they lie and which bytes they have."""

from sqlalchemy import Column, Text

from warehouse.tables.base import FETCHED_DAY, SHA256, WEB_ADDRESS, Change, raw_table

investor_documents = raw_table(
    "investor_documents",
    ("company_id", "url"),
    Column("company_id", Text, nullable=False),
    Column("url", Text, nullable=False, info={"matches": WEB_ADDRESS}),
    Column("page_url", Text, nullable=False),
    Column("title", Text),
    Column("sha256", Text, nullable=False, info={"matches": SHA256}),
    may_be_empty=True,
    changes=Change("'documents'", "company_id", FETCHED_DAY),
    asked_by=(
        ("company_id",),
        ("sha256",),
    ),
)
