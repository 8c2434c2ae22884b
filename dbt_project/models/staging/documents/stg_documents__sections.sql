with readings as (
    {{ reading_in_force(source('raw', 'document_sections')) }}
),

renamed as (
    select
        sha256,
        document_type,
        position as section_position,
        code,
        title,
        speaker,
        start_offset,
        end_offset,
        page,
        body,
        words,
        positive_words,
        negative_words,
        uncertain_words
    from readings
)

select * from renamed
