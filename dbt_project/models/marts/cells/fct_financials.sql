with newest as (
    select
        company_id,
        cik,
        ticker,
        line,
        period_type,
        period_start,
        period_end,
        fiscal_year,
        fiscal_quarter,
        currency,
        value,
        value_usd,
        fx_kind,
        fx_rate,
        fx_date,
        split_factor,
        derivation,
        rule,
        concept,
        accession,
        known_from,
        status,
        blank_reason,
        basis_changed_since
    from {{ ref('fct_financial_vintages') }}
    where known_to is null
)

select * from newest
