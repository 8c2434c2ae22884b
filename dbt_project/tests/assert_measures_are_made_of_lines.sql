-- Each part of a measure is a line of the statements, or another measure.
select
    m.measure,
    p.part
from {{ ref('dim_measures') }} as m
cross join lateral jsonb_array_elements(m.parts) as p (part)
left join {{ ref('lines') }} as l on p.part ->> 'line' = l.line
left join {{ ref('dim_measures') }} as o on p.part ->> 'name' = o.measure
where l.line is null and o.measure is null
