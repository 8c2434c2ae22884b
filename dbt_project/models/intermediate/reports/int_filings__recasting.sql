-- Filings that restate some period of a line: what they state of it stands on a new basis.
with recasting as (
    select distinct
        cik,
        line,
        reported_in as accession
    from {{ ref('int_reports__versioned') }}
    where is_restated
)

select * from recasting
