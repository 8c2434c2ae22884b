with handles as (
    select
        company_id,
        source,
        handle
    from {{ source('ops', 'watchlist_handles') }}
)

select * from handles
