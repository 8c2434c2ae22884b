-- What management expected, each time it said so.
with guidances as (
    select * from {{ ref('int_guidances__stated') }}
)

select * from guidances
