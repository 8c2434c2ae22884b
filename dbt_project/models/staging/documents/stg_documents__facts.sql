with readings as (
    {{ reading_in_force(source('raw', 'document_facts')) }}
),

renamed as (
    select
        sha256,
        document_type,
        byte_offset,
        concept,
        unit,
        start_date,
        end_date,
        value,
        decimals,
        dimensions
    from readings
)

select * from renamed
