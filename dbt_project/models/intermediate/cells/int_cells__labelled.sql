-- Every vintage of every cell with its fiscal label, blank ones included.
{{ config(materialized='view', post_hook=[]) }}

with labelled as (
    select
        cells.cik,
        cells.line,
        cells.period_type,
        cells.period_start,
        cells.period_end,
        periods.fiscal_year,
        periods.fiscal_quarter,
        cells.currency,
        cells.value,
        cells.value_usd,
        cells.fx_kind,
        cells.fx_rate,
        cells.fx_date,
        cells.split_factor,
        cells.basis_changed_since,
        cells.derivation,
        cells.rule,
        cells.inputs,
        {{ tag_or_null('cells.concept') }} as concept,
        cells.accession,
        cells.known_from,
        nullif(cells.known_to, 'infinity') as known_to,
        case when cells.value is null then 'blank' else 'ok' end as status,
        cells.blank_reason
    from {{ ref('int_cells__translated') }} as cells
    left join {{ ref('int_periods__labelled') }} as periods
        on
            cells.cik = periods.cik
            and cells.period_end = periods.period_end
)

select * from labelled
