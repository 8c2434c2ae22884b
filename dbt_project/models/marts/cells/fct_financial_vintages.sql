with vintages as (
    select
        companies.company_id,
        cells.cik,
        companies.ticker,
        cells.line,
        cells.period_type,
        cells.period_start,
        cells.period_end,
        cells.fiscal_year,
        cells.fiscal_quarter,
        cells.currency,
        cells.value,
        cells.value_usd,
        cells.fx_kind,
        cells.fx_rate,
        cells.fx_date,
        cells.split_factor,
        cells.derivation,
        cells.rule,
        cells.concept,
        cells.accession,
        cells.known_from,
        cells.known_to,
        cells.status,
        cells.blank_reason,
        cells.basis_changed_since
    from {{ ref('int_cells__labelled') }} as cells
    inner join {{ ref('int_companies__listed') }} as companies on cells.cik = companies.cik
)

select * from vintages
