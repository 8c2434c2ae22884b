with companies as (
    select
        company_id,
        test,
        failures,
        since_date
    from {{ source('ops', 'held_back') }}
)

select * from companies
