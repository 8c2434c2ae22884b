-- What is worked out of a filer's newest figures, its series says as well, unless it begins later.
with series as (
    select
        *,
        min(period_end) over (partition by cik) as first_end
    from {{ ref('mart_company_quarters') }}
)

select
    companies.company_id,
    companies.ttm_end,
    companies.revenue_growth_pct,
    series.revenue_growth_pct as series_growth_pct
from {{ ref('int_companies__measured') }} as companies
left join series on companies.cik = series.cik and companies.ttm_end = series.period_end
where
    companies.figures_source = 'filing'
    and case
        when series.cik is null
            then exists (
                select 1
                from series as any_end
                where companies.cik = any_end.cik and companies.ttm_end >= any_end.first_end
            )
        else
            companies.revenue_ttm is distinct from series.revenue_ttm
            {% for measure in measures() | selectattr('is_of_vendors') -%}
            {% if measure.name != 'revenue_quarter_growth_pct' -%}
            or round(companies.{{ measure.name }}, 6) is distinct from series.{{ measure.name }}
            {% endif -%}
            {% endfor %}
    end
