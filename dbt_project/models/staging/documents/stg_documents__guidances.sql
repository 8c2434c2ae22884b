with readings as (
    {{ reading_in_force(source('raw', 'document_guidance')) }}
),

renamed as (
    select
        sha256,
        document_type,
        position as guidance_position,
        metric,
        low,
        high,
        unit,
        period_type,
        period_end,
        fiscal_year,
        fiscal_quarter,
        start_offset,
        end_offset,
        page,
        sentence
    from readings
)

select * from renamed
