-- Vendor statement fields as lines of the contract; one value per company, line and period.
with overviews as (
    select * from {{ ref('stg_alpha_vantage__overviews') }}
    where latest_quarter is not null
),

overviewed as (
    select
        overviews.ticker,
        overviews.currency,
        overviews.latest_quarter,
        overviews.captured_at,
        stated.field,
        stated.value
    from overviews
    cross join lateral (
        values
        ('revenue_ttm', overviews.revenue_ttm),
        ('gross_profit_ttm', overviews.gross_profit_ttm),
        ('diluted_eps_ttm', overviews.diluted_eps_ttm)
    ) as stated (field, value)
),

statements as (
    select
        'yahoo' as source,
        ticker,
        currency,
        period_type,
        statement,
        period_end,
        field,
        value,
        captured_at
    from {{ ref('stg_yahoo__statements') }}
    union all
    select
        'alpha_vantage' as source,
        ticker,
        currency,
        period_type,
        statement,
        period_end,
        field,
        value,
        captured_at
    from {{ ref('stg_alpha_vantage__statements') }}
    union all
    select
        'alpha_vantage' as source,
        ticker,
        currency,
        'ttm' as period_type,
        'overview' as statement,
        latest_quarter as period_end,
        field,
        value,
        captured_at
    from overviewed
    where value is not null
),

mapped as (
    select
        fields.source,
        statements.captured_at,
        companies.company_id,
        companies.ticker,
        fields.line,
        case when lines.nature = 'stock' then 'instant' else statements.period_type end
            as period_type,
        statements.period_type as statement_period_type,
        statements.period_end,
        statements.currency,
        statements.value * fields.sign as value,
        fields.is_trusted,
        statements.statement,
        statements.field
    from statements
    inner join {{ ref('vendor_fields') }} as fields
        on
            statements.source = fields.source
            and statements.statement = fields.statement
            and statements.field = fields.field
    inner join {{ ref('lines') }} as lines on fields.line = lines.line
    inner join {{ ref('int_tickers__listed') }} as tickers
        on
            statements.ticker = tickers.ticker
            and (statements.captured_at at time zone 'America/New_York')::date
            between tickers.valid_from and tickers.valid_to
            and tickers.company_id in (select company_id from {{ ref('stg_ops__batch') }})
    inner join {{ ref('int_companies__listed') }} as companies
        on tickers.company_id = companies.company_id
),

-- A balance at a fiscal year-end stands in the annual and in the quarterly answer: one is kept.
one_per_cell as (
    select distinct on (source, company_id, line, period_type, period_end)
        source,
        captured_at,
        company_id,
        ticker,
        line,
        period_type,
        period_end,
        currency,
        value,
        is_trusted,
        statement,
        field
    from mapped
    order by
        source asc, company_id asc, line asc, period_type asc, period_end asc,
        statement_period_type asc, captured_at desc, field asc
)

select * from one_per_cell
