select
    rule,
    derivation,
    formula,
    reason
from {{ ref('rules') }}
