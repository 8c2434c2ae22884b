with current_filings as (
    {{ current_version(source('raw', 'sec_filings')) }}
),

-- What a predecessor filed is the company's own history; a filing of both of them counts once.
of_companies as (
    select
        current_filings.*,
        coalesce(predecessors.cik, current_filings.cik) as company_cik
    from current_filings
    left join {{ source('ops', 'watchlist_predecessors') }} as predecessors
        on current_filings.cik = predecessors.predecessor_cik
    where
        predecessors.cik is null
        or not exists (
            select 1
            from {{ source('raw', 'sec_filings') }} as own
            where
                predecessors.cik = own.cik
                and current_filings.accession = own.accession
        )
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
