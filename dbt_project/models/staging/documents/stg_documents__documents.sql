with readings as (
    {{ newest_reading(source('raw', 'documents')) }}
),

renamed as (
    select
        sha256,
        document_type,
        parser_version,
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
