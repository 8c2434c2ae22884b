with compared as (
    select
        source,
        statement,
        field,
        company_id,
        ticker,
        line,
        period_type,
        period_end,
        currency,
        captured_at,
        vendor_value,
        filed_value,
        difference,
        difference_pct,
        is_agreeing,
        accession
    from {{ ref('int_vendor_cells__compared') }}
)

select * from compared
