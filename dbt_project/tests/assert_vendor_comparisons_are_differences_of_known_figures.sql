-- A comparison subtracts a figure that a filing had published by the time the vendor was asked.
select comparisons.*
from {{ ref('fct_vendor_comparisons') }} as comparisons
left join {{ ref('fct_vendor_financials') }} as vendor
    on
        comparisons.source = vendor.source
        and comparisons.company_id = vendor.company_id
        and comparisons.line = vendor.line
        and comparisons.period_type = vendor.period_type
        and comparisons.period_end = vendor.period_end
where
    vendor.value is distinct from comparisons.vendor_value
    or comparisons.difference <> comparisons.vendor_value - comparisons.filed_value
    or comparisons.is_agreeing
    <> (abs(comparisons.difference) <= 0.005 * abs(comparisons.filed_value))
