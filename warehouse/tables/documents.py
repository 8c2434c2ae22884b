"""What was read of documents: verdicts, sections, facts, KPIs, guidance and risks."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.base import FIRST_PERIOD, LAST_PERIOD, NOT_NEGATIVE, SHA256, Change, raw_table

# What was read of a document: by its bytes, its type and the reader.
_READ = ("sha256", "document_type", "reader_sha")
_READER = "^[0-9a-f]{16}$"
_METRIC = "^[a-z_]+$"
_PERIOD_TYPES = ("quarter", "half_year", "nine_months", "annual", "instant")


def _read_by() -> list[Column[Any]]:
    return [
        Column("sha256", Text, nullable=False),
        Column("document_type", Text, nullable=False),
        Column("reader_sha", Text, nullable=False),
    ]


def _period() -> list[Column[Any]]:
    return [
        Column("period_end", Date),
        Column("fiscal_year", Integer),
        Column("fiscal_quarter", Integer, info={"in_range": (1, 4)}),
    ]


# On most nights nothing new is read, and most documents state no KPI, guidance or risk.
documents = raw_table(
    "documents",
    _READ,
    Column("sha256", Text, nullable=False, info={"matches": SHA256}),
    Column("document_type", Text, nullable=False),
    Column("reader_sha", Text, nullable=False, info={"matches": _READER}),
    Column(
        "verdict",
        Text,
        nullable=False,
        info={
            "in_set": (
                "read",
                "partly_read",
                "scanned",
                "unreadable",
                "empty",
                "encrypted",
                "malformed",
                "too_large",
                "out_of_time",
                "out_of_memory",
                "crashed",
                "not_text",
                "data",
                "error_page",
                "filler",
            )
        },
    ),
    Column("detail", Text),
    Column("media", Text, nullable=False, info={"in_set": ("html", "text", "pdf")}),
    Column("reader", Text),
    Column("pages", Integer),
    Column("characters", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    *_period(),
    Column("text_sha256", Text),
    Column("refused_facts", Integer, nullable=False),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)

document_sections = raw_table(
    "document_sections",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("speaker", Text),
    Column(
        "start_offset",
        BigInteger,
        nullable=False,
        info={"in_range": NOT_NEGATIVE, "not_after": "end_offset"},
    ),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("body", Text, nullable=False),
    Column("words", Integer, nullable=False),
    Column("positive_words", Integer, nullable=False, info={"not_after": "words"}),
    Column("negative_words", Integer, nullable=False, info={"not_after": "words"}),
    Column("uncertain_words", Integer, nullable=False, info={"not_after": "words"}),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)

document_facts = raw_table(
    "document_facts",
    (*_READ, "byte_offset"),
    *_read_by(),
    Column("byte_offset", BigInteger, nullable=False),
    Column("concept", Text, nullable=False, info={"matches": r"^[^\x3a ]+\x3a[^\x3a ]+$"}),
    Column("unit", Text, nullable=False),
    Column("start_date", Date, info={"not_after": "end_date"}),
    Column("end_date", Date, nullable=False, info={"in_range": (FIRST_PERIOD, LAST_PERIOD)}),
    Column("value", Numeric, nullable=False),
    Column("decimals", Integer),
    Column("dimensions", JSONB, nullable=False),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)

document_kpis = raw_table(
    "document_kpis",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("metric", Text, nullable=False, info={"matches": _METRIC}),
    Column("value", Numeric, nullable=False),
    Column("unit", Text, nullable=False),
    Column("step", Numeric, nullable=False),
    Column(
        "period_type",
        Text,
        info={"in_set": _PERIOD_TYPES},
    ),
    *_period(),
    Column("is_comparison", Boolean, nullable=False),
    Column("witness", Text, nullable=False, info={"in_set": ("prose", "table")}),
    Column("witnesses", Integer, nullable=False),
    Column("confidence", Numeric, nullable=False, info={"in_range": (0, 1)}),
    Column("status", Text, nullable=False, info={"in_set": ("ok", "conflict", "no_period")}),
    Column("start_offset", BigInteger, nullable=False, info={"not_after": "end_offset"}),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("sentence", Text, nullable=False),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)

document_guidance = raw_table(
    "document_guidance",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("metric", Text, nullable=False, info={"matches": _METRIC}),
    Column("low", Numeric, nullable=False, info={"not_after": "high"}),
    Column("high", Numeric, nullable=False),
    Column("unit", Text, nullable=False),
    Column(
        "period_type",
        Text,
        nullable=False,
        info={"in_set": _PERIOD_TYPES},
    ),
    Column("period_end", Date),
    Column("fiscal_year", Integer),
    Column("fiscal_quarter", Integer),
    Column("start_offset", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("page", Integer),
    Column("sentence", Text, nullable=False),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)

document_risks = raw_table(
    "document_risks",
    (*_READ, "position"),
    *_read_by(),
    Column("position", Integer, nullable=False),
    Column("section", Text, nullable=False),
    Column("start_offset", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    Column("body", Text, nullable=False),
    may_be_empty=True,
    changes=Change("'documents'", "sha256"),
    asked_by=(("sha256",),),
)
