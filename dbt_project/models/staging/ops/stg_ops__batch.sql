-- The companies that are being built; whoever runs the models fills the table.
with companies as (
    select
        company_id,
        cik
    from {{ source('ops', 'batch') }}
)

select * from companies
