-- Filers whose company facts could not be had when they were last asked for.
with last_asked as (
    select distinct on (subject)
        subject,
        status
    from {{ ref('stg_ops__outcomes') }}
    where source = 'sec' and subject like '% companyfacts'
    order by subject asc, outcome_id desc
),

unreachable as (
    select distinct companies.cik
    from last_asked
    inner join {{ ref('int_companies__listed') }} as companies
        on
            split_part(last_asked.subject, ' ', 1)
            in (companies.ticker, companies.company_id)
    where last_asked.status = 'failed' and companies.cik is not null
)

select * from unreachable
