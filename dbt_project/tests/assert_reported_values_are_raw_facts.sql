-- A reported value is to be found in the source: same filing, concept, period and amount.
with reported as (
    select *
    from {{ ref('fct_financial_vintages') }}
    where status = 'ok' and derivation = 'reported'
),

raw_facts as (
    select *
    from {{ source('raw', 'sec_facts') }}
    where {{ of_the_batch('cik') }}
)

select reported.*
from reported
left join raw_facts as facts
    on
        reported.cik = facts.cik
        and reported.accession = facts.accession
        and reported.concept = facts.taxonomy || ':' || facts.concept
        -- Filers differ by a day or so in where a period starts; the start first filed stands.
        and coalesce(abs(reported.period_start - facts.start_date) <= 7, facts.start_date is null)
        and reported.period_end = facts.end_date
        and reported.value = facts.value
where facts.cik is null
