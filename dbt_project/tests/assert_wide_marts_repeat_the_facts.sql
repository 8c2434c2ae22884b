-- Each cell of the wide marts is the fact of that company, period and line, on today's shares.
with marts as (
    select 'annual' as period_type, cik, period_end, to_jsonb(rows_shown) as shown
    from {{ ref('mart_financials_annual') }} as rows_shown
    union all
    select 'quarter' as period_type, cik, period_end, to_jsonb(rows_shown) as shown
    from {{ ref('mart_financials_quarterly') }} as rows_shown
    union all
    select 'ttm' as period_type, cik, period_end, to_jsonb(rows_shown) as shown
    from {{ ref('mart_financials_ttm') }} as rows_shown
),

wide as (
    select
        marts.period_type,
        marts.cik,
        marts.period_end,
        cells.key as line,
        cells.value::numeric as value
    from marts
    cross join lateral jsonb_each_text(marts.shown) as cells
    inner join {{ ref('lines') }} as lines on cells.key = lines.line
    where cells.value is not null
),

-- Balances stand beside the flows of each period type, so they are looked up as instants.
facts as (
    select
        facts.cik,
        facts.period_end,
        facts.period_type,
        facts.line,
        case lines.nature
            when 'per_share' then round(facts.value / facts.split_factor, 6)
            when 'shares' then round(facts.value * facts.split_factor)
            else facts.value
        end as value
    from {{ ref('fct_financials') }} as facts
    inner join {{ ref('lines') }} as lines on facts.line = lines.line
    where facts.status = 'ok'
)

select
    coalesce(wide.cik, facts.cik) as cik,
    coalesce(wide.line, facts.line) as line,
    coalesce(wide.period_end, facts.period_end) as period_end,
    wide.value as wide_value,
    facts.value as fact_value
from wide
left join facts
    on
        wide.cik = facts.cik
        and wide.period_end = facts.period_end
        and wide.line = facts.line
        and facts.period_type in (wide.period_type, 'instant')
where wide.value is distinct from facts.value
union all
select
    facts.cik,
    facts.line,
    facts.period_end,
    wide.value as wide_value,
    facts.value as fact_value
from facts
left join wide
    on
        facts.cik = wide.cik
        and facts.period_end = wide.period_end
        and facts.line = wide.line
        and facts.period_type = wide.period_type
where facts.period_type in ('annual', 'quarter', 'ttm') and wide.value is null
