-- Every company, with the tickers it has traded under and the registrants that filed before it.
with companies as (
    select * from {{ ref('int_companies__listed') }}
),

tickers as (
    select
        company_id,
        jsonb_agg(
            jsonb_build_object(
                'ticker', ticker,
                'valid_from', nullif(valid_from, '-infinity'),
                'valid_to', nullif(valid_to, 'infinity')
            )
            order by valid_from, valid_to, ticker
        ) as tickers
    from {{ ref('int_tickers__listed') }}
    group by company_id
),

predecessors as (
    select
        company_id,
        jsonb_agg(
            jsonb_build_object('cik', predecessor_cik, 'name', name, 'valid_to', valid_to)
            order by valid_to, predecessor_cik
        ) as predecessors
    from {{ ref('stg_watchlist__predecessors') }}
    group by company_id
),

described as (
    select
        companies.company_id,
        companies.cik,
        companies.ticker,
        coalesce(tickers.tickers, '[]'::jsonb) as tickers,
        companies.name,
        companies.segment,
        companies.segment_label,
        companies.delivery_model,
        companies.listing_status,
        coalesce(predecessors.predecessors, '[]'::jsonb) as predecessors,
        held_back.company_id is not null as is_held_back
    from companies
    left join tickers on companies.company_id = tickers.company_id
    left join predecessors on companies.company_id = predecessors.company_id
    left join {{ ref('stg_ops__held_back') }} as held_back
        on companies.company_id = held_back.company_id
)

select * from described
