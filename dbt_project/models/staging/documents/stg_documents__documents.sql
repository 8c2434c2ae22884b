with readings as (
    {{ reading_in_force(source('raw', 'documents')) }}
),

renamed as (
    select
        sha256,
        document_type,
        reader_sha,
        verdict,
        detail,
        media,
        pages,
        characters,
        period_end,
        fiscal_year,
        fiscal_quarter
    from readings
)

select * from renamed
