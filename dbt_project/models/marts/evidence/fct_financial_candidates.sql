-- Every fact that a line could have used, with what became of it.
with facts as (
    select facts.*
    from {{ ref('int_facts__settled') }} as facts
    inner join {{ ref('lines') }} as lines on facts.line = lines.line
),

judged as (
    select
        facts.cik,
        facts.line,
        facts.length_class,
        facts.period_start,
        facts.period_end,
        facts.concept,
        facts.unit,
        facts.value,
        facts.accession,
        facts.form,
        facts.filed_date,
        facts.known_from,
        case
            when not facts.is_reporting_currency then 'other_currency'
            when offered.cik is null then 'date_slip'
            when offered.is_coarse_note then 'coarse_note'
            when examined.cik is null then 'other_concept'
            when examined.refused_reason is not null then examined.refused_reason
            when examined.blank_reason is not null then examined.blank_reason
            when versioned.is_change then 'new_value'
            when versioned.is_rounded_repeat then 'rounded_repeat'
            else 'repeat'
        end as verdict
    from facts
    left join {{ ref('int_facts__offered') }} as offered
        on
            facts.cik = offered.cik
            and facts.line = offered.line
            and facts.fact_id = abs((offered.inputs ->> 0)::bigint)
            and offered.rule in ('reported', 'sign_corrected')
    left join {{ ref('int_reports__examined') }} as examined
        on
            facts.cik = examined.cik
            and facts.line = examined.line
            and facts.fact_id = abs((examined.inputs ->> 0)::bigint)
            and examined.rule in ('reported', 'sign_corrected')
    left join {{ ref('int_reports__versioned') }} as versioned
        on
            examined.cik = versioned.cik
            and examined.line = versioned.line
            and examined.length_class = versioned.length_class
            and examined.period_end = versioned.period_end
            and examined.known_from = versioned.reported_at
),

numbered as (
    select
        *,
        row_number() over (
            partition by cik, line, length_class, period_end
            order by filed_date, accession, concept, unit, period_start
        )::int as candidate_number
    from judged
),

candidates as (
    select
        companies.company_id,
        numbered.cik,
        companies.ticker,
        numbered.line,
        numbered.length_class as period_length,
        numbered.period_start,
        numbered.period_end,
        numbered.candidate_number,
        numbered.concept,
        numbered.unit,
        numbered.value,
        numbered.accession,
        numbered.form,
        numbered.filed_date,
        numbered.known_from,
        numbered.verdict
    from numbered
    inner join {{ ref('int_companies__listed') }} as companies on numbered.cik = companies.cik
)

select * from candidates
