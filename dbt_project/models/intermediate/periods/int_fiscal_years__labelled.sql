-- A company's fiscal year-ends and the year it calls each of them.
with stated as (
    select * from {{ ref('int_fiscal_years__stated') }}
),

first_filings as (
    select distinct on (cik, year_end)
        cik,
        -- A 52/53-week year may end in the first days of the next month.
        extract(month from year_end - 7)::int as end_month,
        fy - extract(year from year_end - 7)::int as year_offset
    from stated
    where is_own and fy is not null
    order by cik, year_end, filed_date, accession
),

-- A company that moves its year-end counts its years anew.
usual_offset as (
    select
        cik,
        end_month,
        mode() within group (order by year_offset) as year_offset
    from first_filings
    group by cik, end_month
),

uses as (
    select
        cik,
        year_end,
        count(*) as filing_count,
        bool_or(is_own) as is_own
    from stated
    group by cik, year_end
),

year_ends as (
    select distinct
        chosen.cik,
        chosen.period_end as year_end,
        coalesce(uses.is_own, false) as is_own,
        coalesce(uses.filing_count, 0) as filing_count,
        extract(year from chosen.period_end - 7)::int
        + coalesce(usual_offset.year_offset, 0) as fiscal_year
    from {{ ref('int_facts__chosen') }} as chosen
    left join uses on chosen.cik = uses.cik and chosen.period_end = uses.year_end
    left join usual_offset
        on
            chosen.cik = usual_offset.cik
            and extract(month from chosen.period_end - 7)::int = usual_offset.end_month
    where chosen.length_class = 'annual'
),

-- A fiscal year ends once.
labelled as (
    select distinct on (cik, fiscal_year)
        cik,
        year_end,
        fiscal_year
    from year_ends
    order by cik asc, fiscal_year asc, is_own desc, filing_count desc, year_end desc
)

select * from labelled
