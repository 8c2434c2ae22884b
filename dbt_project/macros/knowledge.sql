{# The run's logical date, as a date. #}
{% macro as_of() -%}
    '{{ var("as_of") }}'::date
{%- endmacro %}

{# The last instant of a day in New York: when a filing of that day counts as known. #}
{% macro end_of_day(day) -%}
    (({{ day }} + time '23:59:59') at time zone 'America/New_York')
{%- endmacro %}

{# The version of each natural key that the newest fetch brought, of those fetched by `cut`. #}
{% macro current_version(relation, cut=none) -%}
    select distinct on (key_sha) *
    from {{ relation }}
    {%- if cut %}
    where fetched_at <= {{ cut }}
    {%- endif %}
    order by key_sha, fetched_at desc
{%- endmacro %}
