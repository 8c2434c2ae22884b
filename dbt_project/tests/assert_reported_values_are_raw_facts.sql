-- A reported value is to be found in the source: same filing, concept, period and amount.
with reported as (
    select *
    from {{ ref('fct_financial_vintages') }}
    where status = 'ok' and derivation = 'reported'
),

-- What a predecessor filed stands under the CIK of the company that followed it.
raw_facts as (
    select
        facts.*,
        coalesce(predecessors.cik, facts.cik) as company_cik
    from {{ source('raw', 'sec_facts') }} as facts
    left join {{ ref('stg_watchlist__predecessors') }} as predecessors
        on facts.cik = predecessors.predecessor_cik
    where facts.{{ of_the_batch('cik') }}
)

select reported.*
from reported
left join raw_facts as facts
    on
        reported.cik = facts.company_cik
        and reported.accession = facts.accession
        and reported.concept = facts.taxonomy || ':' || facts.concept
        -- Filers differ by a day or so in where a period starts; the start first filed stands.
        and coalesce(abs(reported.period_start - facts.start_date) <= 8, facts.start_date is null)
        and reported.period_end = facts.end_date
        and reported.value = facts.value
where facts.cik is null
