{# Arithmetic is exact, to some twenty digits: what publishes a figure rounds it, once. #}

{# A share between 0 and 1; blank without a positive base. #}
{% macro ratio(part, whole) -%}
    case when {{ whole }} > 0 then trim_scale({{ part }} / {{ whole }}) end
{%- endmacro %}

{# Growth against a year before, as a share; blank when the base is missing, zero or negative. #}
{% macro growth(now, before) -%}
    case when {{ before }} > 0 then trim_scale({{ now }} / {{ before }} - 1) end
{%- endmacro %}

{# A 0 to 100 score: `floor` and below is 0, `ceiling` and above is 100, linear between. Blank
   without its measure: greatest() alone passes over nulls and would make a missing one a zero. #}
{% macro score(measure, floor, ceiling) -%}
    case
        when {{ measure }} is not null
            then least(
                greatest(({{ measure }} - ({{ floor }})) / ({{ ceiling }} - ({{ floor }})), 0), 1
            ) * 100
    end
{%- endmacro %}

{# The median of what is known. #}
{% macro median(measure) -%}
    (
        percentile_disc(0.5) within group (order by {{ measure }})
        + percentile_disc(0.5) within group (order by {{ measure }} desc)
    ) / 2
{%- endmacro %}

{# Whether two closes of one day are the same price, but for rounding and late prints. #}
{% macro is_same_price(one, other) -%}
    abs({{ one }} / nullif({{ other }}, 0) - 1) <= 0.005
{%- endmacro %}
