with readings as (
    {{ reading_in_force(source('raw', 'document_kpis')) }}
),

renamed as (
    select
        sha256,
        document_type,
        position as kpi_position,
        metric,
        value,
        unit,
        step,
        period_type,
        period_end,
        fiscal_year,
        fiscal_quarter,
        is_comparison,
        witness,
        witnesses,
        confidence,
        status,
        start_offset,
        end_offset,
        page,
        sentence
    from readings
)

select * from renamed
