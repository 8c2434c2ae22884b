-- Earnings of a vendor are shown as it states them, those of a day after the run's not at all.
select earnings.*
from {{ ref('fct_vendor_earnings') }} as earnings
left join {{ ref('stg_alpha_vantage__earnings') }} as stated
    on
        earnings.ticker = stated.ticker
        and earnings.period_type = stated.period_type
        and earnings.period_end = stated.period_end
where
    stated.reported_eps is distinct from earnings.reported_eps
    or stated.estimated_eps is distinct from earnings.estimated_eps
    or earnings.captured_at > {{ end_of_day(as_of()) }}
