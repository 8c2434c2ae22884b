with of_companies as (
    {{ company_version(source('raw', 'sec_filings')) }}
),

known_filings as (
    select
        company_cik as cik,
        cik as filer_cik,
        accession,
        form,
        filed_date,
        report_date,
        accepted_at,
        primary_document,
        items
    from of_companies
    where filed_date <= {{ as_of() }}
)

select * from known_filings
