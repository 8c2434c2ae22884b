-- The score follows from value, median and deviation, and only what is far is listed.
select *
from {{ ref('mart_anomalies') }}
where
    abs(score) < 3.5
    or abs(score * peers_deviation - 0.6745 * (value - peers_median))
    -- The score to two places, median and deviation to six.
    > 0.005 * peers_deviation + 0.0000005 * (abs(score) + 1)
    or peers_count < 5
    or (score > 0) <> (reason like 'above%')
