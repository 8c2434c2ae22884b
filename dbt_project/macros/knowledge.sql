{# The run's logical date, as a date: whoever connects sets it (corpintel.as_of). #}
{% macro as_of() -%}
    (select current_setting('corpintel.as_of')::date)
{%- endmacro %}

{# The last instant of a day in New York: when a filing of that day counts as known. #}
{% macro end_of_day(day) -%}
    (({{ day }} + time '23:59:59') at time zone 'America/New_York')
{%- endmacro %}

{# The version of each natural key that the newest fetch brought, of those fetched by `cut`. A table
   that is asked by company or ticker is read for the batch in work alone: `asked_by` is its
   column, `key` names a row. Few keys have several versions, so these are found first: to sort all
   rows takes longer. #}
{% macro current_version(relation, cut=none, asked_by=none, key=['key_sha']) -%}
    {%- set wanted = [] -%}
    {%- if asked_by -%} {%- do wanted.append(of_the_batch(asked_by)) -%} {%- endif -%}
    {%- if cut -%} {%- do wanted.append('fetched_at <= ' ~ cut) -%} {%- endif -%}
    {%- set scope = 'where ' ~ wanted | join(' and ') if wanted else '' %}
    select versions.*
    from (
        select *
        from {{ relation }}
        {{ scope }}
    ) as versions
    left join (
        select
            {{ key | join(', ') }},
            max(fetched_at) as fetched_at
        from {{ relation }}
        {{ scope }}
        group by {{ key | join(', ') }}
        having count(*) > 1
    ) as changed
        on
            versions.{{ key[0] }} = changed.{{ key[0] }}
            {%- for name in key[1:] %}
            and versions.{{ name }} is not distinct from changed.{{ name }}
            {%- endfor %}
    where changed.fetched_at is null or versions.fetched_at = changed.fetched_at
{%- endmacro %}

{# Whether a row is of a company of the batch in work, by its company, CIK, ticker or document. #}
{% macro of_the_batch(asked_by) -%}
    {{ asked_by }} in (
        {%- if asked_by == 'company_id' %}
        select company_id from {{ source('ops', 'batch') }}
        {%- elif asked_by == 'cik' %}
        select cik from {{ source('ops', 'batch_ciks') }}
        {%- elif asked_by == 'ticker' %}
        select ticker from {{ source('ops', 'batch_tickers') }}
        {%- elif asked_by == 'sha256' %}
        select sha256 from {{ source('ops', 'batch_documents') }}
        {%- endif %}
    )
{%- endmacro %}

{# The current rows of the batch's filers, those of a predecessor under the company's own CIK, which
   is `company_cik`; a filing of both registrants counts once. #}
{% macro company_version(relation, key=['key_sha']) -%}
    select
        current_rows.*,
        coalesce(predecessors.cik, current_rows.cik) as company_cik
    from (
        {{ current_version(relation, asked_by='cik', key=key) }}
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
