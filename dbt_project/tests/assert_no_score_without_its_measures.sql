-- A score of zero is a poor measure, never a missing one.
select *
from {{ ref('mart_company_performance') }}
where
    (growth_score is not null and revenue_growth_pct is null)
    or (
        margin_score is not null
        and (gross_margin_pct is null or operating_margin_pct is null)
    )
    or (profitability_score is not null and (net_margin_pct is null or fcf_margin_pct is null))
    {% for part, measure in [
        ('growth', 'revenue_growth_pct'),
        ('gross_margin', 'gross_margin_pct'),
        ('operating_margin', 'operating_margin_pct'),
        ('net_margin', 'net_margin_pct'),
        ('fcf_margin', 'fcf_margin_pct'),
    ] -%}
    or (score_parts ->> '{{ part }}' is null) <> ({{ measure }} is null)
    {% endfor %}
