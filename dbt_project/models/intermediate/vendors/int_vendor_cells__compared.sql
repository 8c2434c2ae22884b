-- Vendors' figures beside what the company's filings said when the vendor was asked.
with vendor_cells as (
    select * from {{ ref('int_vendor_cells__mapped') }}
),

paired as (
    select
        vendor_cells.source,
        vendor_cells.statement,
        vendor_cells.field,
        vendor_cells.is_trusted,
        vendor_cells.company_id,
        vendor_cells.ticker,
        vendor_cells.line,
        vendor_cells.period_type,
        vendor_cells.period_end,
        vendor_cells.currency,
        vendor_cells.captured_at,
        vendor_cells.value as vendor_value,
        cells.value as filed_value,
        cells.accession,
        vendor_cells.value - cells.value as difference,
        case
            when cells.value <> 0
                then round((vendor_cells.value - cells.value) / abs(cells.value), 6)
        end as difference_pct
    from vendor_cells
    inner join {{ ref('int_companies__listed') }} as companies
        on vendor_cells.company_id = companies.company_id
    inner join {{ ref('fct_financial_vintages') }} as cells
        on
            companies.cik = cells.cik
            and vendor_cells.line = cells.line
            and vendor_cells.period_type = cells.period_type
            and vendor_cells.period_end = cells.period_end
            and vendor_cells.currency = cells.currency
            and vendor_cells.captured_at >= cells.known_from
            and (cells.known_to is null or vendor_cells.captured_at < cells.known_to)
    where cells.status = 'ok'
),

compared as (
    select
        *,
        -- Half a per cent forgives rounding to thousands and nothing else.
        abs(difference) <= 0.005 * abs(filed_value) as is_agreeing
    from paired
)

select * from compared
