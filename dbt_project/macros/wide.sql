{# One row per company-period of one type: flows of the period beside balances at its end.
   Per-share figures and share counts are brought to today's share basis by split_factor. #}
{% macro wide_financials(period_type) -%}
with cells as (
    select
        *,
        case
            when line in {{ lines_of('per_share') }} then round(value / split_factor, 6)
            when line in {{ lines_of('shares') }} then round(value * split_factor)
            else value
        end as comparable_value
    from {{ ref('fct_financials') }}
),

periods as (
    select
        cik,
        min(company_id) as company_id,
        min(ticker) as ticker,
        min(period_start) as period_start,
        period_end,
        min(fiscal_year) as fiscal_year,
        min(fiscal_quarter) as fiscal_quarter,
        min(currency) as currency,
        max(known_from) as known_from,
        min(basis_changed_since) as basis_changed_since
    from cells
    where period_type = '{{ period_type }}'
    group by cik, period_end
    having bool_or(status = 'ok')
),

wide as (
    select
        periods.company_id,
        periods.cik,
        periods.ticker,
        periods.period_start,
        periods.period_end,
        periods.fiscal_year,
        {% if period_type != 'annual' -%}
        periods.fiscal_quarter,
        {% endif -%}
        periods.currency,
        periods.known_from,
        {% for line in statement_lines() -%}
        max(cells.comparable_value) filter (where cells.line = '{{ line }}') as {{ line }},
        {% endfor -%}
        max(cells.value_usd) filter (where cells.line = 'revenue') as revenue_usd,
        coalesce(
            jsonb_object_agg(cells.line, cells.blank_reason order by cells.line)
            filter (where cells.status = 'blank'),
            '{}'::jsonb
        ) as blank_reasons
        {%- if period_type == 'quarter' %},
        periods.basis_changed_since
        {%- endif %}
    from periods
    inner join cells
        on
            periods.cik = cells.cik
            and periods.period_end = cells.period_end
            and cells.period_type in ('{{ period_type }}', 'instant')
    group by
        periods.company_id, periods.cik, periods.ticker, periods.period_start, periods.period_end,
        periods.fiscal_year, periods.fiscal_quarter, periods.currency, periods.known_from,
        periods.basis_changed_since
)

select * from wide
{%- endmacro %}
