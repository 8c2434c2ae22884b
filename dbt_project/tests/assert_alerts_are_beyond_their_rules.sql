-- An alert is of a rule on figures that there is, and its value is beyond that rule's threshold.
select a.*
from {{ ref('fct_alerts') }} as a
left join {{ ref('alert_rules') }} as r
    on a.alert = r.alert and r.scope = 'figure' and a.measure = r.measure
where
    r.alert is null
    or a.value is null
    or a.threshold <> r.threshold::numeric
    or (a.condition = 'at_least' and a.value < a.threshold)
    or (a.condition = 'at_most' and a.value > a.threshold)
