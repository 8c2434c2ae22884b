-- Cells that measures are made of: quarter, twelve months and balances of each period end.
{% set cells = measured_cells() %}
with twelve_months as (
    select * from {{ ref('mart_financials_ttm') }}
),

quarters as (
    select * from {{ ref('mart_financials_quarterly') }}
),

joined as (
    select
        coalesce(twelve_months.cik, quarters.cik) as cik,
        coalesce(twelve_months.company_id, quarters.company_id) as company_id,
        coalesce(twelve_months.ticker, quarters.ticker) as ticker,
        coalesce(twelve_months.period_end, quarters.period_end) as period_end,
        quarters.period_start as quarter_start,
        coalesce(twelve_months.fiscal_year, quarters.fiscal_year) as fiscal_year,
        coalesce(quarters.fiscal_quarter, twelve_months.fiscal_quarter) as fiscal_quarter,
        coalesce(twelve_months.currency, quarters.currency) as currency,
        greatest(twelve_months.known_from, quarters.known_from) as known_from,
        quarters.revenue_usd as revenue_quarter_usd,
        twelve_months.revenue_usd as revenue_ttm_usd,
        {% for line in cells['ttm'] -%}
        twelve_months.{{ line }} as {{ line }}_ttm,
        {% endfor -%}
        {% for line in cells['quarter'] -%}
        quarters.{{ line }} as {{ line }}_quarter,
        {% endfor -%}
        {% for line in cells['balance'] -%}
        coalesce(
            {% if line in lines_of('shares') -%}
            -- Few filers state the average of a last quarter: the year's is compared with a year's.
            case when quarters.fiscal_quarter = 4 then twelve_months.{{ line }} end,
            {% endif -%}
            quarters.{{ line }}, twelve_months.{{ line }}
        ) as {{ line }},
        {% endfor -%}
        twelve_months.blank_reasons as ttm_reasons,
        quarters.blank_reasons as quarter_reasons
    from twelve_months
    full join quarters
        on twelve_months.cik = quarters.cik and twelve_months.period_end = quarters.period_end
)

select * from joined
