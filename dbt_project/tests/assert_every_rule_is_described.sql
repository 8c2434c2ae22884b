-- Every rule that a value can follow is described, with its formula and the reason for it.
select
    rules.rule,
    described.formula,
    described.reason
from {{ ref('rules') }} as rules
full outer join {{ ref('dim_rules') }} as described on rules.rule = described.rule
where
    rules.rule is null
    or coalesce(described.formula, '') = ''
    or coalesce(described.reason, '') = ''
