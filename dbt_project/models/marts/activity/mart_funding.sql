-- Funding rounds up to the run's date, with the company that the watchlist gives the permalink.
with rounds as (
    select * from {{ ref('stg_crunchbase__rounds') }}
    where announced_date <= {{ as_of() }}
),

attributed as (
    select
        handles.company_id,
        companies.ticker,
        rounds.round_id,
        rounds.announced_date,
        rounds.investment_type,
        rounds.money_raised,
        rounds.currency,
        rounds.money_raised_usd,
        rounds.investors,
        organizations.funding_total_usd,
        rounds.captured_at
    from rounds
    inner join {{ ref('stg_watchlist__handles') }} as handles
        on handles.source = 'crunchbase' and rounds.permalink = handles.handle
    inner join {{ ref('int_companies__listed') }} as companies
        on handles.company_id = companies.company_id
    left join {{ ref('stg_crunchbase__organizations') }} as organizations
        on rounds.permalink = organizations.permalink
)

select * from attributed
