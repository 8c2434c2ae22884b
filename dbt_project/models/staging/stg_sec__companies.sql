with current_companies as (
    {{ current_version(source('raw', 'sec_companies')) }}
),

best_document as (
    select distinct on (cik)
        cik,
        name,
        sic as sic_code,
        fiscal_year_end
    from current_companies
    order by cik asc, document desc
)

select * from best_document
