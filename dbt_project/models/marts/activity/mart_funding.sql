with rounds as (
    select
        rounds.company_id,
        companies.ticker,
        rounds.round_id,
        rounds.announced_date,
        rounds.investment_type,
        rounds.money_raised,
        rounds.currency,
        rounds.money_raised_usd,
        rounds.investors,
        rounds.funding_total_usd,
        rounds.captured_at
    from {{ ref('int_rounds__attributed') }} as rounds
    inner join {{ ref('int_companies__listed') }} as companies
        on rounds.company_id = companies.company_id
)

select * from rounds
