-- A segment has a score, the mean of its three parts, or a reason and none.
select *
from {{ ref('mart_segment_opportunity') }}
where
    (opportunity_score is null) <> (opportunity_blank_reason is not null)
    or abs(
        opportunity_score - (growth_score + profitability_score + openness_score) / 3
    ) > 0.1
