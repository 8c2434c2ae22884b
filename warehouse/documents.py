"""Which documents a night fetches and reads: what was filed and is not here, what is unread.

What a reader gave stays beside what another gave; of a document the reading of the reader that
was used last is in force, and the running reader is the one of the night that began last.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from warehouse.db import Warehouse

# Reports, and the current ones whose exhibits tell results.
ANNUAL_AND_QUARTERLY = ("10-K", "10-KT", "10-Q", "10-QT", "20-F", "40-F")
CURRENT = ("8-K", "6-K")


@dataclass(frozen=True)
class WantedFiling:
    """A filing of which no document is here yet."""

    cik: int
    accession: str
    form: str
    primary_document: str
    filed_date: date
    items: str | None


@dataclass(frozen=True)
class UnreadDocument:
    """A kept document that the current reader has not read, with its capture's own columns."""

    url: str
    document_type: str
    capture_id: int
    source: str
    request_key: str
    fetched_at: datetime
    status: int
    etag: str | None
    last_modified: str | None
    content_type: str | None
    sha256: str
    size: int


def filings_without_documents(
    warehouse: Warehouse, ciks: Collection[int], since: date, until: date, most: int
) -> list[WantedFiling]:
    """Filings from `since` to `until` without documents here: the newest, reports before others."""
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(
                """
                select f.cik, f.accession, f.form, f.primary_document, f.filed_date, f.items
                from (
                    select distinct on (cik, accession) *
                    from raw.sec_filings
                    where cik = any(:ciks)
                    order by cik, accession, fetched_at desc
                ) as f
                where
                    f.filed_date between :since and :until
                    and regexp_replace(f.form, '/A$', '') = any(:forms)
                    and coalesce(f.primary_document, '') <> ''
                    and not exists (
                        select from raw.filed_documents as d
                        where d.cik = f.cik and d.accession = f.accession
                    )
                order by
                    regexp_replace(f.form, '/A$', '') = any(:current),
                    f.filed_date desc,
                    f.accession
                limit :most
                """
            ),
            {
                "ciks": sorted(ciks),
                "since": since,
                "until": until,
                "forms": [*ANNUAL_AND_QUARTERLY, *CURRENT],
                "current": [*CURRENT],
                "most": most,
            },
        )
        return [WantedFiling(*row) for row in rows]


def use_reader(warehouse: Warehouse, reader_sha: str, libraries: Mapping[str, str]) -> None:
    """Make this the running reader, from now on; `libraries` are versions by name."""
    with warehouse.engine.begin() as connection:
        connection.execute(
            text(
                """
                insert into ops.readers (reader_sha, first_used_at, last_used_at, libraries)
                select :sha, used_at, used_at, cast(:libraries as jsonb)
                -- Later than any other, though the clock be put back.
                from (
                    select greatest(
                        clock_timestamp(), max(last_used_at) + interval '1 microsecond'
                    ) as used_at
                    from ops.readers
                ) as now
                on conflict (reader_sha) do update set last_used_at = excluded.last_used_at
                """
            ),
            {"sha": reader_sha, "libraries": json.dumps(dict(libraries))},
        )


_KEPT = """
with listed as (
    select url, document_type, sha256, capture_id, filed_date as on_date from raw.filed_documents
    union all
    select url, '', sha256, capture_id, fetched_at::date from raw.investor_documents
),
kept as (
    select
        k.url, k.document_type, k.on_date, c.capture_id, c.source, c.request_key, c.fetched_at,
        c.status, c.etag, c.last_modified, c.content_type, c.sha256, c.size
    from listed as k
    -- The bytes of a document that did not change since were captured when they were new.
    inner join raw.captures as c on c.capture_id = k.capture_id and c.sha256 = k.sha256
)
"""
_NEWEST = """
select distinct on (on_date, sha256, document_type)
    url, document_type, capture_id, source, request_key, fetched_at, status, etag, last_modified,
    content_type, sha256, size
from kept as k
where {wanted}
order by on_date desc, sha256, document_type, capture_id
limit :most
"""
_UNREAD = """not exists (
    select from raw.documents as d
    where d.sha256 = k.sha256 and d.document_type = k.document_type and d.reader_sha = :reader
)"""


def unread_documents(
    warehouse: Warehouse,
    reader_sha: str,
    most: int,
    captures: Collection[int] | None = None,
) -> Sequence[UnreadDocument]:
    """Kept documents that this reader has not read, the newest first.

    With `captures` those, whether read or not.
    """
    wanted = _UNREAD if captures is None else "k.capture_id = any(:captures)"
    with warehouse.engine.connect() as connection:
        rows = connection.execute(
            text(_KEPT + _NEWEST.format(wanted=wanted)),
            {"reader": reader_sha, "most": most, "captures": sorted(captures or ())},
        )
        return [UnreadDocument(*row) for row in rows]


def count_unread(warehouse: Warehouse, reader_sha: str) -> int:
    """How many kept documents this reader has not read; those of the same bytes and type are one.

    What another reader gave of them is in force meanwhile.
    """
    with warehouse.engine.connect() as connection:
        counted = text(
            f"{_KEPT} select count(distinct (sha256, document_type)) from kept as k where {_UNREAD}"
        )
        return int(connection.execute(counted, {"reader": reader_sha}).scalar_one())
