"""SEC EDGAR: tickers, registrants, filings, XBRL facts and the daily index."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.base import (
    ACCESSION,
    CIKS,
    FIRST_FILING,
    FIRST_PERIOD,
    LAST_PERIOD,
    TICKER,
    Change,
    compact_table,
    instant,
    raw_table,
)

sec_tickers = raw_table(
    "sec_tickers",
    ("cik", "ticker"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("ticker", Text, nullable=False, info={"matches": TICKER}),
    Column("name", Text, nullable=False),
)

sec_companies = raw_table(
    "sec_companies",
    ("cik", "document"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("document", Text, nullable=False, info={"in_set": ("submissions", "companyfacts")}),
    Column("name", Text, nullable=False),
    Column("sic", Text),
    Column("sic_description", Text),
    Column("fiscal_year_end", Text),
    Column("filer_category", Text),
    Column("tickers", JSONB),
    Column("exchanges", JSONB),
    Column("former_names", JSONB),
    changes=Change("'periods'", "cik"),
    asked_by=(("cik",),),
)

sec_filings = raw_table(
    "sec_filings",
    ("cik", "accession"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("accession", Text, nullable=False, info={"matches": ACCESSION}),
    Column("form", Text, nullable=False),
    Column("filed_date", Date, nullable=False, info={"in_range": (FIRST_FILING, LAST_PERIOD)}),
    Column("report_date", Date),
    instant("accepted_at"),
    Column("primary_document", Text),
    Column("primary_description", Text),
    Column("items", Text),
    Column("size", BigInteger),
    Column("is_xbrl", Boolean),
    Column("is_inline_xbrl", Boolean),
    changes=Change("'filings'", "cik", "filed_date"),
    asked_by=(("cik", "accession"),),
)

sec_facts = compact_table(
    "sec_facts",
    ("cik", "taxonomy", "concept", "unit", "start_date", "end_date", "accession"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("taxonomy", Text, nullable=False),
    Column("concept", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("start_date", Date, info={"not_after": "end_date"}),
    Column("end_date", Date, nullable=False, info={"in_range": (FIRST_PERIOD, LAST_PERIOD)}),
    Column("value", Numeric, nullable=False),
    Column("accession", Text, nullable=False, info={"matches": ACCESSION}),
    Column("fy", Integer),
    Column("fp", Text),
    Column("form", Text, nullable=False),
    Column("filed_date", Date, nullable=False, info={"in_range": (FIRST_FILING, LAST_PERIOD)}),
    changes=Change("'facts'", "cik", "filed_date"),
    amount="value",
    values="sec_fact_values",
    dictionaries=(
        ("filing_id", "sec_fact_filings", ("cik", "accession")),
        ("series_id", "sec_fact_series", ("taxonomy", "concept", "unit")),
        # A filing's, and still a fact's own: a later answer may tell another of the same filing.
        ("heading_id", "sec_fact_headings", ("fy", "fp", "form", "filed_date")),
    ),
)

sec_index_filings = raw_table(
    "sec_index_filings",
    ("cik", "accession"),
    Column("cik", BigInteger, nullable=False, info={"in_range": CIKS}),
    Column("accession", Text, nullable=False, info={"matches": ACCESSION}),
    Column("form", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("filed_date", Date, nullable=False, info={"in_range": (FIRST_FILING, LAST_PERIOD)}),
    Column("index_date", Date, nullable=False),
    # On most days no company of the watchlist files.
    may_be_empty=True,
)
