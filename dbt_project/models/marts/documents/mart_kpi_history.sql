-- Each metric of a company as a series of fiscal periods: those between the first and the last that
-- are stated have a row each, and one that nobody states says why.
with stated as (
    select
        *,
        -- Half-years and nine months come once a year, as fiscal years do.
        case when period_type in ('quarter', 'instant') then 1 else 4 end as quarters_apart,
        fiscal_year * 4 + coalesce(fiscal_quarter, 4) as quarter_number
    from {{ ref('mart_company_kpis') }}
    where fiscal_year is not null
),

series as (
    select
        company_id,
        max(ticker) as ticker,
        metric,
        unit,
        period_type,
        max(comparable_group) as comparable_group,
        max(quarters_apart) as quarters_apart,
        -- Half-years of spring and of autumn are two series.
        quarter_number % quarters_apart as phase,
        min(quarter_number) as first_number,
        max(quarter_number) as last_number
    from stated
    group by company_id, metric, unit, period_type, quarter_number % quarters_apart
),

numbered as (
    select
        series.*,
        quarter_number,
        (quarter_number - 1) / 4 as fiscal_year,
        case
            when series.period_type <> 'annual' then (quarter_number - 1) % 4 + 1
        end as fiscal_quarter,
        null::date as period_end
    from series
    cross join lateral generate_series(
        series.first_number, series.last_number, series.quarters_apart
    ) as numbers (quarter_number)
),

-- A report on the year is one on its fourth quarter too.
read_periods as (
    select distinct
        company_id,
        fiscal_year * 4 + coalesce(fiscal_quarter, 4) as quarter_number
    from {{ ref('int_documents__listed') }}
    where verdict in ('read', 'partly_read') and fiscal_year is not null
),

joined as (
    select
        numbered.company_id,
        numbered.ticker,
        numbered.metric,
        numbered.unit,
        numbered.period_type,
        coalesce(stated.period, {{ period_label('numbered') }}) as period,
        stated.period_end,
        numbered.fiscal_year::integer as fiscal_year,
        numbered.fiscal_quarter::integer as fiscal_quarter,
        numbered.quarter_number,
        numbered.phase,
        numbered.comparable_group,
        stated.value,
        case when stated.value is null then 'blank' else 'ok' end as status,
        case
            when stated.value is not null then null
            when stated.period is not null then stated.blank_reason
            when read_periods.company_id is not null then 'not_stated'
            else 'not_read'
        end as blank_reason,
        stated.accession,
        stated.url,
        stated.known_from
    from numbered
    left join stated
        on
            numbered.company_id = stated.company_id
            and numbered.metric = stated.metric
            and numbered.unit = stated.unit
            and numbered.period_type = stated.period_type
            and numbered.quarter_number = stated.quarter_number
    left join read_periods
        on
            numbered.company_id = read_periods.company_id
            and numbered.quarter_number = read_periods.quarter_number
),

-- The first value of a series is what its curve is measured by.
based as (
    select
        *,
        first_value(value) over ordered as first_stated,
        first_value(quarter_number) over ordered as first_stated_number
    from joined
    window ordered as (
        partition by company_id, metric, unit, period_type, phase
        order by (value is null) asc, quarter_number asc
    )
),

indexed as (
    select
        company_id,
        ticker,
        metric,
        unit,
        period_type,
        period,
        period_end,
        fiscal_year,
        fiscal_quarter,
        value,
        status,
        blank_reason,
        case
            when first_stated is not null then (quarter_number - first_stated_number)::integer
        end as age_quarters,
        case
            when unit <> 'percent' and first_stated > 0 then round(value / first_stated, 6)
        end as index_to_first,
        case
            when value is null then blank_reason
            when unit = 'percent' then 'is_a_share'
            when first_stated <= 0 then 'not_positive'
        end as index_blank_reason,
        comparable_group,
        accession,
        url,
        known_from
    from based
)

select * from indexed
