with vintages as (
    select
        company_id,
        ticker,
        metric,
        unit,
        period_type,
        period,
        period_end,
        fiscal_year,
        fiscal_quarter,
        case when not is_contradicted then value end as value,
        step,
        case when is_contradicted then 'blank' else 'ok' end as status,
        case when is_contradicted then 'conflict' end as blank_reason,
        confidence,
        witness,
        witnesses,
        document_type,
        accession,
        url,
        page,
        start_offset,
        end_offset,
        sentence,
        known_from,
        known_to
    from {{ ref('int_kpis__versioned') }}
)

select * from vintages
