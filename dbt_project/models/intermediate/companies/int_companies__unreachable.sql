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
            -- The whole label: one of a predecessor begins with the company's own.
            replace(last_asked.subject, ' companyfacts', '')
            in (companies.ticker, companies.company_id)
    where last_asked.status = 'failed' and companies.cik is not null
)

select * from unreachable
