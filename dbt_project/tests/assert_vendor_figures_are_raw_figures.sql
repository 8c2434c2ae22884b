-- A vendor's figure is to be found in the source under the field it names, up to our line's sign.
with raw_statements as (
    select *
    from {{ source('raw', 'yahoo_statements') }}
    where {{ of_the_batch('ticker') }}
)

select vendor.*
from {{ ref('fct_vendor_financials') }} as vendor
left join raw_statements as statements
    on
        vendor.field = statements.field
        and vendor.period_end = statements.period_end
        and vendor.captured_at = statements.fetched_at
        and abs(vendor.value) = abs(statements.value)
where vendor.source = 'yahoo' and statements.field is null
