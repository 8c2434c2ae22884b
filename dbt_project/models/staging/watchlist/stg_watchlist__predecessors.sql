with predecessors as (
    select
        predecessor_cik,
        company_id,
        cik,
        name,
        valid_to
    from {{ source('ops', 'watchlist_predecessors') }}
)

select * from predecessors
