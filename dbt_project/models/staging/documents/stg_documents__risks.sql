with readings as (
    {{ reading_in_force(source('raw', 'document_risks')) }}
),

renamed as (
    select
        sha256,
        document_type,
        position as risk_position,
        section,
        start_offset,
        body
    from readings
)

select * from renamed
