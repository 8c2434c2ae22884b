with submitted as (
    select * from {{ ref('stg_sec__filings') }}
),

-- The filings behind the facts; where SEC serves no submissions, these are all we know.
with_facts as (
    select
        cik,
        accession,
        min(filer_cik) as filer_cik,
        min(form) as form,
        min(filed_date) as filed_date,
        max(period_end) filter (where period_end <= filed_date) as period_end,
        count(*) as fact_count
    from {{ ref('stg_sec__facts') }}
    group by cik, accession
),

united as (
    select
        coalesce(submitted.cik, with_facts.cik) as cik,
        coalesce(submitted.accession, with_facts.accession) as accession,
        coalesce(submitted.filer_cik, with_facts.filer_cik) as filer_cik,
        coalesce(submitted.form, with_facts.form) as form,
        coalesce(submitted.filed_date, with_facts.filed_date) as filed_date,
        coalesce(submitted.report_date, with_facts.period_end) as period_end,
        submitted.accepted_at,
        submitted.primary_document,
        coalesce(with_facts.fact_count, 0) as fact_count,
        case when submitted.accession is null then 'companyfacts' else 'submissions' end
            as listed_in
    from submitted
    full outer join with_facts
        on
            submitted.cik = with_facts.cik
            and submitted.accession = with_facts.accession
),

final as (
    select
        companies.company_id,
        united.cik,
        companies.ticker,
        united.accession,
        united.form,
        united.filed_date,
        united.period_end,
        united.accepted_at,
        united.primary_document,
        united.fact_count,
        united.listed_in,
        'https://www.sec.gov/Archives/edgar/data/' || united.filer_cik || '/'
        || replace(united.accession, '-', '') || '/' || united.accession || '-index.htm' as url
    from united
    inner join {{ ref('int_companies__listed') }} as companies on united.cik = companies.cik
)

select * from final
