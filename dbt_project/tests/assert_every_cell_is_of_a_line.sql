-- Each line of which there are cells is described.
select distinct f.line
from {{ ref('fct_financials') }} as f
left join {{ ref('dim_lines') }} as l on f.line = l.line
where l.line is null
