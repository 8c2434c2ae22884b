with current_filings as (
    {{ current_version(source('raw', 'sec_filings')) }}
),

known_filings as (
    select
        cik,
        accession,
        form,
        filed_date,
        report_date,
        accepted_at,
        primary_document,
        items
    from current_filings
    where filed_date <= {{ as_of() }}
)

select * from known_filings
