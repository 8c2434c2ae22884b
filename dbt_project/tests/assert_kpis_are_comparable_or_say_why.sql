-- Companies are compared by a metric under its own name, or the dictionary says why they are not.
select *
from {{ ref('dim_kpis') }}
where
    is_comparable <> (comparable_group is not null)
    or is_comparable <> (not_comparable_reason is null)
    or (is_comparable and comparable_group <> metric)
