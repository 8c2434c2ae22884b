with compared as (
    select
        comparisons.*,
        fields.is_trusted
    from {{ ref('fct_vendor_comparisons') }} as comparisons
    inner join {{ ref('vendor_fields') }} as fields
        on
            comparisons.source = fields.source
            and comparisons.statement = fields.statement
            and comparisons.field = fields.field
            and comparisons.line = fields.line
),

scored as (
    select
        source,
        statement,
        field,
        line,
        is_trusted,
        count(*) as compared_count,
        count(*) filter (where is_agreeing) as agreeing_count,
        count(*) filter (where not is_agreeing) as disagreeing_count,
        round(count(*) filter (where is_agreeing)::numeric / count(*), 6) as agreement_pct,
        count(distinct company_id) as companies_count,
        round({{ median('abs(difference_pct)') }}, 6) as median_difference_pct,
        max(abs(difference_pct)) as largest_difference_pct,
        max(captured_at) as last_captured_at
    from compared
    group by source, statement, field, line, is_trusted
)

select * from scored
