-- From when on reports state a line only in another scope, under concepts that no line reads.
{{ config(pre_hook='set local enable_nestloop = off') }}

with named as materialized (
    select
        facts.cik,
        concepts.line,
        facts.period_start is null as is_instant,
        facts.period_end,
        facts.unit,
        facts.known_from
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('unread_concepts') }} as concepts
        on facts.taxonomy = concepts.taxonomy and facts.concept = concepts.concept
    inner join {{ ref('statement_forms') }} as forms
        on facts.form = forms.form and forms.is_periodic
),

unread as (
    select
        named.cik,
        named.line,
        named.period_end,
        min(named.known_from) as known_from
    from named
    inner join {{ ref('lines') }} as lines
        on named.line = lines.line and (lines.nature = 'stock') = named.is_instant
    where named.unit ~ '^[A-Z]{3}$'
    group by named.cik, named.line, named.period_end
)

select * from unread
