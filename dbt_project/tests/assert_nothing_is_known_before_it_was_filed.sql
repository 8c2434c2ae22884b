-- No value is known before the filing it comes from, nor after the run's knowledge cut.
with filed as (
    select cik, accession, min(known_from) as filed_at
    from {{ ref('stg_sec__facts') }}
    group by cik, accession
)

select vintages.*
from {{ ref('fct_financial_vintages') }} as vintages
left join filed
    on vintages.cik = filed.cik and vintages.accession = filed.accession
where
    vintages.known_from > {{ end_of_day(as_of()) }}
    or (vintages.status = 'ok' and (filed.filed_at is null or vintages.known_from < filed.filed_at))
