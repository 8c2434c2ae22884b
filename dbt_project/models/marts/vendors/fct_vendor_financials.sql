with vendor_cells as (
    select
        source,
        captured_at,
        company_id,
        ticker,
        line,
        period_type,
        period_end,
        currency,
        value,
        is_trusted,
        field
    from {{ ref('int_vendor_cells__mapped') }}
)

select * from vendor_cells
