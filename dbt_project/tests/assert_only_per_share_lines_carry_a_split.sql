-- Only share counts and per-share figures depend on the share basis.
select facts.*
from {{ ref('fct_financial_vintages') }} as facts
inner join {{ ref('lines') }} as lines on facts.line = lines.line
where lines.nature not in ('per_share', 'shares') and facts.split_factor <> 1
