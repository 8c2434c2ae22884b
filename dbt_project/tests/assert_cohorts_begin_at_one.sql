-- A curve begins at one, and one of fewer than three companies is blank with its reason.
select *
from {{ ref('mart_kpi_cohorts') }}
where
    (age_quarters = 0 and index_median <> 1)
    or (companies_count < 3) <> (index_median is null)
    or (index_median is null) <> (blank_reason is not null)
    or index_lowest > index_median
    or index_median > index_highest
