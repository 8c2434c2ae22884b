{# Vendors' figures have the others too, and a reason beside each. #}
{% set of_filings = measures() | rejectattr('is_of_vendors') | list %}
-- What a company's series, its debt and its price add to its newest twelve months.
with companies as (
    select
        *,
        case when figures_source = 'vendor' then 'vendor_only' else 'no_figures' end
            as no_series_reason
    from {{ ref('int_companies__measured') }}
),

series as (
    select * from {{ ref('mart_company_quarters') }}
),

valued as (
    select
        companies.company_id,
        companies.market_value_usd,
        companies.revenue_ttm_usd,
        companies.free_cash_flow_ttm,
        companies.is_stale,
        -- Market values are in dollars: cash in another currency cannot be taken from them.
        case
            when companies.currency = 'USD' then companies.market_value_usd - series.net_cash
        end as enterprise_value_usd,
        case
            when companies.market_value_usd is null then companies.market_value_blank_reason
            when companies.currency <> 'USD' then 'foreign_figures'
            else coalesce(series.blank_reasons ->> 'net_cash', companies.no_series_reason)
        end as enterprise_value_reason,
        {% for measure in of_filings -%}
        series.{{ measure.name }},
        {% endfor -%}
        coalesce(
            series.blank_reasons - array[
                {% for measure in measures() | selectattr('is_of_vendors') -%}
                '{{ measure.name }}'{{ ',' if not loop.last }}
                {% endfor -%}
            ],
            jsonb_build_object(
                {% for measure in of_filings -%}
                '{{ measure.name }}', companies.no_series_reason{{ ',' if not loop.last }}
                {% endfor -%}
            )
        ) as blank_reasons,
        prices.return_1m_pct,
        prices.return_3m_pct,
        prices.return_1y_pct
    from companies
    left join series
        on
            companies.figures_source = 'filing'
            and companies.cik = series.cik
            and companies.ttm_end = series.period_end
    left join {{ ref('mart_price_performance') }} as prices
        on companies.company_id = prices.company_id
),

compared as (
    select
        *,
        case when not is_stale then {{ ratio('enterprise_value_usd', 'revenue_ttm_usd') }} end
            as ev_to_sales_ratio,
        case when not is_stale then {{ ratio('enterprise_value_usd', 'free_cash_flow_ttm') }} end
            as ev_to_fcf_ratio
    from valued
),

trended as (
    select
        company_id,
        {% for measure in of_filings -%}
        {{ measure.name }},
        {% endfor -%}
        enterprise_value_usd,
        ev_to_sales_ratio,
        ev_to_fcf_ratio,
        return_1m_pct,
        return_3m_pct,
        return_1y_pct,
        blank_reasons || jsonb_strip_nulls(
            jsonb_build_object(
                'enterprise_value_usd',
                case when enterprise_value_usd is null then enterprise_value_reason end,
                {% for ratio in ['ev_to_sales_ratio', 'ev_to_fcf_ratio'] -%}
                '{{ ratio }}',
                case
                    when {{ ratio }} is not null then null
                    when enterprise_value_usd is null then enterprise_value_reason
                    when is_stale then 'stale'
                    else 'not_positive'
                end{{ ',' if not loop.last }}
                {% endfor -%}
            )
        ) as blank_reasons
    from compared
)

select * from trended
