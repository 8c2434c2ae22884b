-- Every measure at each period end, with the reason where it has none.
{% set times = {
    'quarter_before': (80, 105),
    'year_before': (350, 380),
    'two_years_before': (715, 745),
    'three_years_before': (1080, 1110),
} %}
{% set of_cells = measures() | rejectattr('is_of_measures') | list %}
{% set of_measures = measures() | selectattr('is_of_measures') | list %}
with cells as (
    select * from {{ ref('int_series__joined') }}
),

-- A year of 52 or 53 weeks ends some days earlier or later than the one before it.
earlier_ends as (
    select
        cells.cik,
        {% for time, (least_days, most_days) in times.items() -%}
        max(earlier.period_end) filter (
            where cells.period_end - earlier.period_end between {{ least_days }} and {{ most_days }}
        ) as {{ time }}_end,
        {% endfor -%}
        cells.period_end
    from cells
    left join cells as earlier
        on
            cells.cik = earlier.cik
            and cells.currency = earlier.currency
            and cells.period_end > earlier.period_end
    group by cells.cik, cells.period_end
),

from_cells as (
    select
        {% for measure in of_cells -%}
        {{ measure.sql }} as {{ measure.name }},
        {{ why_unmeasured(measure.needs) }} as {{ measure.name }}_reason,
        {% endfor -%}
        {% for time in times -%}
        earlier_ends.{{ time }}_end,
        {% endfor -%}
        now.*
    from cells as now
    inner join earlier_ends
        on now.cik = earlier_ends.cik and now.period_end = earlier_ends.period_end
    {% for time in times -%}
    left join cells as {{ time }}
        on
            now.cik = {{ time }}.cik
            and earlier_ends.{{ time }}_end = {{ time }}.period_end
    {% endfor -%}
),

from_measures as (
    select
        {% for measure in of_measures -%}
        {{ measure.sql }} as {{ measure.name }},
        {{ why_unmade(measure.needs) }} as {{ measure.name }}_reason,
        {% endfor -%}
        now.*
    from from_cells as now
    {% for time in times -%}
    left join from_cells as {{ time }}
        on now.cik = {{ time }}.cik and now.{{ time }}_end = {{ time }}.period_end
    {% endfor -%}
)

select * from from_measures
