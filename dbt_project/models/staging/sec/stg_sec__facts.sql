with of_companies as (
    {{ company_version(source('raw', 'sec_facts')) }}
),

known_facts as (
    select
        company_cik as cik,
        cik as filer_cik,
        taxonomy,
        concept,
        unit,
        start_date as period_start,
        end_date as period_end,
        end_date - start_date as period_days,
        value,
        accession,
        fy,
        form,
        filed_date,
        {{ end_of_day('filed_date') }} as known_from
    from of_companies
    where filed_date <= {{ as_of() }}
)

select * from known_facts
