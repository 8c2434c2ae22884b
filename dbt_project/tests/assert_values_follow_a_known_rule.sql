-- Every value came about by a rule that is described.
select vintages.*
from {{ ref('fct_financial_vintages') }} as vintages
left join {{ ref('rules') }} as rules on vintages.rule = rules.rule
where vintages.status = 'ok' and rules.rule is null
