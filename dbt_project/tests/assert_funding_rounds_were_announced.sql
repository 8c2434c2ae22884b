-- A round counts from its announcement, and undisclosed money is no money of zero.
select *
from {{ ref('mart_funding') }}
where
    announced_date > {{ as_of() }}
    or money_raised <= 0
    or (money_raised is null) <> (currency is null)
