{# Vendors' figures have the others too, and a reason beside each. #}
{% set of_filings = measures() | rejectattr('is_of_vendors') | list %}
-- What a company's series, its debt and its price add to its newest twelve months.
with companies as (
    select
        *,
        case
            when figures_source = 'vendor' then 'vendor_only'
            -- Its newest figures are older than all of its series.
            when is_stale then 'stale'
            else 'no_figures'
        end as no_series_reason
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
        -- Market values are in dollars: cash in another currency cannot be taken from them.
        case
            when companies.currency = 'USD' and not companies.is_stale
                then companies.market_value_usd - series.net_cash
        end as enterprise_value_usd,
        case
            when companies.market_value_usd is null then companies.market_value_blank_reason
            when companies.currency <> 'USD' then 'foreign_figures'
            when companies.figures_source = 'filing' and companies.is_stale then 'stale'
            else coalesce(series.blank_reasons ->> 'net_cash', companies.no_series_reason)
        end as enterprise_value_reason,
        {% for measure in of_filings -%}
        series.{{ measure.name }},
        {% endfor -%}
        coalesce(
            series.blank_reasons - array[
                {% for measure in measures() | selectattr('has_own_reason') -%}
                '{{ measure.name }}'{{ ',' if not loop.last }}
                {% endfor -%}
            ],
            jsonb_build_object(
                {% for measure in measures() | rejectattr('has_own_reason') -%}
                '{{ measure.name }}', companies.no_series_reason{{ ',' if not loop.last }}
                {% endfor -%}
            )
        ) as blank_reasons,
        series.blank_reasons ->> 'fcf_margin_pct' as no_flow_reason,
        prices.price_date,
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
        {{ ratio('enterprise_value_usd', 'revenue_ttm_usd') }} as ev_to_sales_ratio,
        {{ ratio('enterprise_value_usd', 'free_cash_flow_ttm') }} as ev_to_fcf_ratio
    from valued
),

trended as (
    select
        company_id,
        {% for measure in of_filings -%}
        {{ measure.name }},
        {% endfor -%}
        round(enterprise_value_usd, 2) as enterprise_value_usd,
        round(ev_to_sales_ratio, 6) as ev_to_sales_ratio,
        round(ev_to_fcf_ratio, 6) as ev_to_fcf_ratio,
        return_1m_pct,
        return_3m_pct,
        return_1y_pct,
        blank_reasons || jsonb_strip_nulls(
            jsonb_build_object(
                'enterprise_value_usd',
                case when enterprise_value_usd is null then enterprise_value_reason end,
                {% for back in ['return_1m_pct', 'return_3m_pct', 'return_1y_pct'] -%}
                '{{ back }}',
                case
                    when {{ back }} is not null then null
                    when price_date is null then 'no_price'
                    else 'no_earlier_period'
                end,
                {% endfor -%}
                {% for ratio, base, why_no_base in [
                    ('ev_to_sales_ratio', 'revenue_ttm_usd', "'no_rate'"),
                    ('ev_to_fcf_ratio', 'free_cash_flow_ttm', "coalesce(no_flow_reason, 'no_figures')"),
                ] -%}
                '{{ ratio }}',
                case
                    when {{ ratio }} is not null then null
                    when enterprise_value_usd is null then enterprise_value_reason
                    when {{ base }} is null then {{ why_no_base }}
                    else 'not_positive'
                end{{ ',' if not loop.last }}
                {% endfor -%}
            )
        ) as blank_reasons
    from compared
)

select * from trended
