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

{# The current rows of a table by CIK, those of a predecessor under the company's own CIK, which is
   `company_cik`; a filing of both registrants counts once. #}
{% macro company_version(relation) -%}
    select
        current_rows.*,
        coalesce(predecessors.cik, current_rows.cik) as company_cik
    from (
        {{ current_version(relation) }}
    ) as current_rows
    left join {{ source('ops', 'watchlist_predecessors') }} as predecessors
        on current_rows.cik = predecessors.predecessor_cik
    where
        predecessors.cik is null
        or not exists (
            select 1
            from {{ relation }} as own
            where
                predecessors.cik = own.cik
                and current_rows.accession = own.accession
        )
{%- endmacro %}
