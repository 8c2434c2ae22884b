select
    metric,
    label,
    kind,
    is_stock,
    counted_at,
    comparable_group is not null as is_comparable,
    comparable_group,
    not_comparable_reason,
    definition,
    comparability_note
from {{ ref('kpi_dictionary') }}
