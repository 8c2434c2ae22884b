-- A fiscal year has one annual row of a line, and four quarters that end on different days.
select
    cik,
    line,
    fiscal_year,
    null::int as fiscal_quarter,
    count(*) as period_count
from {{ ref('fct_financials') }}
where period_type = 'annual'
group by cik, line, fiscal_year
having count(*) > 1
union all
select
    cik,
    line,
    fiscal_year,
    fiscal_quarter,
    count(*) as period_count
from {{ ref('fct_financials') }}
where period_type = 'quarter' and fiscal_quarter is not null
group by cik, line, fiscal_year, fiscal_quarter
having count(*) > 1
