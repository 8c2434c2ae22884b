select
    line,
    sort_order,
    statement,
    nature,
    description
from {{ ref('lines') }}
