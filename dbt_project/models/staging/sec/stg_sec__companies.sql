with current_companies as (
    {{ current_version(source('raw', 'sec_companies')) }}
),

best_document as (
    select distinct on (cik)
        cik,
        name,
        sic as sic_code,
        filer_category,
        fiscal_year_end,
        former_names
    from current_companies
    order by cik asc, document desc
),

-- A predecessor is no company of its own.
registrants as (
    select best_document.*
    from best_document
    left join {{ source('ops', 'watchlist_predecessors') }} as predecessors
        on best_document.cik = predecessors.predecessor_cik
    where predecessors.cik is null
)

select * from registrants
