"""The rows that reading a document gives; each names the bytes, and the reader.

`sha256` and `document_type` say what was read: the same bytes as another type may have other
sections. Another reader has another `reader_sha`, and its rows stand beside those of the others.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

DOCUMENTS = "documents"
SECTIONS = "document_sections"
FACTS = "document_facts"
KPIS = "document_kpis"
GUIDANCE = "document_guidance"
RISKS = "document_risks"


class DocumentRow(NamedTuple):
    """A document's verdict; `period_end` and the fiscal labels are of what it is about."""

    sha256: str
    document_type: str
    reader_sha: str
    verdict: str
    detail: str | None
    media: str
    reader: str | None
    pages: int | None
    characters: int
    period_end: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None
    text_sha256: str | None
    refused_facts: int


class SectionRow(NamedTuple):
    """A section with its text; words of its tone by list."""

    sha256: str
    document_type: str
    reader_sha: str
    position: int
    code: str
    title: str
    speaker: str | None
    start_offset: int
    end_offset: int
    page: int | None
    body: str
    words: int
    positive_words: int
    negative_words: int
    uncertain_words: int


class FactRow(NamedTuple):
    """A tagged number; `dimensions` is JSON of axes and members, "{}" for the whole company."""

    sha256: str
    document_type: str
    reader_sha: str
    byte_offset: int
    concept: str
    unit: str
    start_date: date | None
    end_date: date
    value: Decimal
    decimals: int | None
    dimensions: str


class KpiRow(NamedTuple):
    """A statement of a metric's value, with its place and what became of it.

    In unit "percent" value and step are shares: 0.728 for 72.8 %.
    """

    sha256: str
    document_type: str
    reader_sha: str
    position: int
    metric: str
    value: Decimal
    unit: str
    step: Decimal
    period_type: str | None
    period_end: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None
    is_comparison: bool
    witness: str
    witnesses: int
    confidence: Decimal
    status: str
    start_offset: int
    end_offset: int
    page: int | None
    sentence: str


class GuidanceRow(NamedTuple):
    """What is expected of a metric in a period; in unit "percent" as shares."""

    sha256: str
    document_type: str
    reader_sha: str
    position: int
    metric: str
    low: Decimal
    high: Decimal
    unit: str
    period_type: str
    period_end: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None
    start_offset: int
    end_offset: int
    page: int | None
    sentence: str


class RiskRow(NamedTuple):
    """A paragraph of the risk factors."""

    sha256: str
    document_type: str
    reader_sha: str
    position: int
    section: str
    start_offset: int
    body: str
