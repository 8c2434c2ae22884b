-- A zero in the facts is a zero that the company stated, or the difference of two equal values.
with zeros as (
    select *
    from {{ ref('fct_financials') }}
    where status = 'ok' and value = 0 and derivation = 'reported'
)

select zeros.*
from zeros
where
    not exists (
        select 1
        from {{ ref('stg_sec__facts') }} as facts
        where
            facts.cik = zeros.cik
            and facts.accession = zeros.accession
            and facts.taxonomy || ':' || facts.concept = zeros.concept
            and facts.period_end = zeros.period_end
            and facts.value = 0
    )
