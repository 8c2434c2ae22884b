-- A company's fiscal year-ends and the year it calls each of them.
with annual_facts as (
    select
        facts.cik,
        facts.period_end,
        facts.fy,
        facts.filed_date,
        facts.accession,
        max(facts.period_end) over (partition by facts.cik, facts.accession) as filing_year_end
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('statement_forms') }} as forms on facts.form = forms.form
    where forms.is_annual and facts.period_days between 350 and 380
),

first_filings as (
    select distinct on (cik, period_end)
        cik,
        period_end,
        -- A 52/53-week year may end in the first days of the next calendar year.
        fy - extract(year from period_end - 7)::int as year_offset
    from annual_facts
    where period_end = filing_year_end and fy is not null
    order by cik, period_end, filed_date, accession
),

usual_offset as (
    select
        cik,
        mode() within group (order by year_offset) as year_offset
    from first_filings
    group by cik
),

year_ends as (
    select distinct
        cik,
        period_end as year_end
    from {{ ref('int_facts__chosen') }}
    where length_class = 'annual'
),

labelled as (
    select
        year_ends.cik,
        year_ends.year_end,
        extract(year from year_ends.year_end - 7)::int + coalesce(usual_offset.year_offset, 0)
            as fiscal_year
    from year_ends
    left join usual_offset on year_ends.cik = usual_offset.cik
)

select * from labelled
