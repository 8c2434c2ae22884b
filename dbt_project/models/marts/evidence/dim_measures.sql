-- The seed names cells as revenue_ttm, revenue_quarter, or a balance without an end.
{% set named_cell = "'(?:([a-z_]+)[.])?([a-z][a-z_0-9]*)'" %}
with measures as (
    select
        measure,
        kind,
        sort_order,
        unit,
        direction,
        value,
        base,
        earlier,
        description,
        case when value ~ ' ' then '(' || value || ')' else value end as above,
        case when base ~ ' ' then '(' || base || ')' else base end as below
    from {{ ref('measures') }}
),

found as (
    select
        measure,
        regexp_matches(value || ' ' || coalesce(base, ''), {{ named_cell }}, 'g') as cell
    from measures
),

compared as (
    select
        measure,
        earlier,
        regexp_matches(value, '([a-z][a-z_0-9]*)', 'g') as cell
    from measures
    where earlier is not null
),

named as (
    select
        measure,
        coalesce(cell[1], 'now') as at,
        cell[2] as name
    from found
    union
    select
        measure,
        earlier as at,
        cell[1] as name
    from compared
),

parts as (
    select
        n.measure,
        jsonb_agg(
            jsonb_build_object(
                'at', n.at,
                'name', n.name,
                'line', case
                    when o.measure is null then regexp_replace(n.name, '_(ttm|quarter)$', '')
                end,
                'period_type', case
                    when o.measure is not null then null
                    when l.nature = 'shares' then 'average'
                    else coalesce(substring(n.name from '_(ttm|quarter)$'), 'balance')
                end
            )
            order by n.at = 'now' desc, n.at asc, n.name asc
        ) as parts
    from named as n
    left join measures as o on n.name = o.measure
    left join {{ ref('lines') }} as l on n.name = l.line
    group by n.measure
)

select
    m.measure,
    m.sort_order,
    m.unit,
    m.direction,
    case m.kind
        when 'growth' then m.value || ' / ' || m.earlier || '.' || m.value || ' - 1'
        when 'yearly_growth'
            then '(' || m.value || ' / ' || m.earlier || '.' || m.value || ') ^ (1/3) - 1'
        when 'change' then m.value || ' - ' || m.earlier || '.' || m.value
        when 'ratio' then m.above || ' / ' || m.below
        else m.value
    end as formula,
    m.description,
    p.parts
from measures as m
inner join parts as p on m.measure = p.measure
