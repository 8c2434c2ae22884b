-- Growth is revenue over that of the year before, or blank with a reason; parts that add up miss at
-- most a hundredth of the company's revenue.
select *
from {{ ref('mart_segment_series') }}
where
    (growth_pct is null) <> (growth_blank_reason is not null)
    or growth_pct <> round(revenue / revenue_year_before - 1, 6)
    or (share_pct is null) <> (share_blank_reason is not null)
    or adds_up <> (abs(unexplained_pct) <= 0.01)
