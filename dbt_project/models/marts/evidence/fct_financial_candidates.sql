with candidates as (
    select
        facts.cik,
        companies.ticker,
        facts.line,
        facts.length_class as period_length,
        facts.period_start,
        facts.period_end,
        facts.candidate_number,
        facts.concept,
        facts.unit,
        facts.value,
        facts.accession,
        facts.form,
        facts.filed_date,
        facts.known_from,
        facts.verdict
    from {{ ref('int_candidates__judged') }} as facts
    inner join {{ ref('int_companies__listed') }} as companies on facts.cik = companies.cik
)

select * from candidates
