with scored as (
    select
        cells.cik,
        companies.ticker,
        cells.line,
        cells.period_type,
        cells.period_end,
        cells.checked_from,
        cells.day_kind,
        cells.moment as scored_at,
        cells.truth_value,
        cells.answer_value,
        cells.verdict
    from {{ ref('int_certificate__scored') }} as cells
    inner join {{ ref('int_companies__listed') }} as companies on cells.cik = companies.cik
)

select * from scored
