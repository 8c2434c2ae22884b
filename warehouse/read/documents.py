"""What documents say: their sections by the words in them, and how far each was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

from warehouse.db import SEARCHED_CHARACTERS
from warehouse.read.connection import fetch

# What surrounds a hit in a passage: characters that no document has.
HIT_START, HIT_STOP = "\ue001", "\ue002"
_HEADLINE: Final = (
    f"StartSel={HIT_START}, StopSel={HIT_STOP}, MaxFragments=2, MaxWords=32, MinWords=12,"
    ' FragmentDelimiter=" … "'
)
# The number is ours and written out: only so does the planner know the index's expression.
_ASKED: Final = "with asked as (select websearch_to_tsquery('english', %(words)s) as query)"
_FITTING: Final = f"""
    from marts.mart_document_sections as s
    cross join asked as a
    where
        to_tsvector('english', left(s.body, {SEARCHED_CHARACTERS})) @@ a.query
        and (%(company_id)s::text is null or s.company_id = %(company_id)s)
        and (%(form)s::text is null or s.document_type = %(form)s)
        and (%(section)s::text is null or s.code = %(section)s)
"""
_COUNT: Final = f"{_ASKED} select count(*) {_FITTING}"
_SEARCH: Final = f"""
{_ASKED},
found as (
    select
        s.ticker, s.document_type, s.filed_date, s.code, s.title, s.speaker, s.url, s.page, s.body,
        s.section_position,
        ts_rank_cd(to_tsvector('english', left(s.body, {SEARCHED_CHARACTERS})), a.query) as rank
    {_FITTING}
    order by rank desc, s.filed_date desc, s.url, s.section_position
    limit %(most)s offset %(skip)s
)
select
    f.ticker, f.document_type, f.filed_date, f.code as section, f.title, f.speaker, f.page, f.url,
    ts_headline('english', left(f.body, {SEARCHED_CHARACTERS}), a.query, %(headline)s) as passage
from found as f
cross join asked as a
order by f.rank desc, f.filed_date desc, f.url, f.section_position
"""


@dataclass(frozen=True)
class FoundSection:
    """A section that says the words; `passage` has each hit between HIT_START and HIT_STOP."""

    ticker: str | None
    document_type: str
    filed_date: date | None
    section: str
    title: str | None
    speaker: str | None
    page: int | None
    url: str
    passage: str


@dataclass(frozen=True)
class Document:
    """A document, how far it was read (verdict, pages and characters) and by which reader."""

    ticker: str | None
    document_type: str
    filed_date: date | None
    verdict: str
    pages: int | None
    characters: int | None
    detail: str | None
    url: str
    reader_sha: str | None


def search_documents(
    connection: psycopg.Connection[Any],
    words: str,
    company_id: str | None = None,
    form: str | None = None,
    section: str | None = None,
    most: int = 10,
    skip: int = 0,
) -> list[FoundSection]:
    """The sections that say these words (websearch_to_tsquery's syntax), the fittest first.

    `skip` leaves out the first ones.
    """
    return fetch(
        connection,
        FoundSection,
        _SEARCH,
        words=words,
        company_id=company_id,
        form=form,
        section=section,
        most=most,
        skip=skip,
        headline=_HEADLINE,
    )


def count_sections(
    connection: psycopg.Connection[Any],
    words: str,
    company_id: str | None = None,
    form: str | None = None,
    section: str | None = None,
) -> int:
    """How many sections say these words."""
    asked = {"words": words, "company_id": company_id, "form": form, "section": section}
    counted = connection.execute(_COUNT, asked).fetchone()
    assert counted is not None
    return int(counted[0])


def read_sections(
    connection: psycopg.Connection[Any], company_id: str | None = None
) -> Iterator[tuple[str, str, str]]:
    """Each section as (address of its document, code, text); not all are held at once."""
    with connection.cursor(name="sections") as cursor:
        cursor.execute(
            "select url, code, body from marts.mart_document_sections"
            " where %(company_id)s::text is null or company_id = %(company_id)s"
            " order by company_id, url, section_position",
            {"company_id": company_id},
        )
        yield from cursor


def list_documents(
    connection: psycopg.Connection[Any], company_id: str | None = None
) -> list[Document]:
    """The documents of one company, or of all, the newest first."""
    return fetch(
        connection,
        Document,
        "select {columns} from marts.mart_documents"
        " where %(company_id)s::text is null or company_id = %(company_id)s"
        " order by filed_date desc, url",
        company_id=company_id,
    )
