-- The accuracy of a vendor's field is the count of its comparisons, agreeing and not.
with counted as (
    select
        source,
        statement,
        field,
        line,
        count(*) as compared_count,
        count(*) filter (where is_agreeing) as agreeing_count
    from {{ ref('fct_vendor_comparisons') }}
    group by source, statement, field, line
)

select
    accuracy.source,
    accuracy.field
from {{ ref('mart_vendor_accuracy') }} as accuracy
full outer join counted
    on
        accuracy.source = counted.source
        and accuracy.statement = counted.statement
        and accuracy.field = counted.field
        and accuracy.line = counted.line
where
    accuracy.compared_count is distinct from counted.compared_count
    or accuracy.agreeing_count is distinct from counted.agreeing_count
    or accuracy.agreeing_count + accuracy.disagreeing_count <> accuracy.compared_count
