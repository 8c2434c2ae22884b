-- An alert is of a rule on figures or lines that there is, and its value is beyond its threshold; of
-- a line it is the size of a change that was published and not before its days.
select a.*
from {{ ref('fct_alerts') }} as a
left join {{ ref('alert_rules') }} as r
    on a.alert = r.alert and r.scope in ('figure', 'line') and a.measure = r.measure
left join {{ ref('mart_restatements') }} as c
    on
        a.company_id = c.company_id
        and a.line = c.line
        and a.period_length = c.period_length
        and a.period_end = c.period_end
        and a.known_from = c.known_from
where
    r.alert is null
    or a.value is null
    or a.threshold <> r.threshold::numeric
    or (a.condition = 'at_least' and a.value < a.threshold)
    or (a.condition = 'at_most' and a.value > a.threshold)
    or (r.scope = 'line') <> (a.line is not null)
    or (
        r.scope = 'line'
        and (
            abs(c.change_pct) is distinct from a.value
            or c.restated_value is distinct from a.restated_value
            or a.cell_count < 1
            or {{ as_of() }} > a.stands_until
        )
    )
