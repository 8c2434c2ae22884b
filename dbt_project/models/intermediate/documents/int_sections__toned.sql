-- Each section of a document, and the shares of its words by list.
with documents as (
    select * from {{ ref('int_documents__listed') }}
),

sections as (
    select
        documents.company_id,
        documents.ticker,
        documents.url,
        documents.document_type,
        documents.accession,
        documents.filed_date,
        documents.known_from,
        documents.period_end,
        sections.section_position,
        sections.code,
        sections.title,
        sections.speaker,
        sections.page,
        sections.start_offset,
        sections.end_offset,
        sections.body,
        sections.words,
        round(sections.positive_words::numeric / nullif(sections.words, 0), 6) as positive_pct,
        round(sections.negative_words::numeric / nullif(sections.words, 0), 6) as negative_pct,
        round(sections.uncertain_words::numeric / nullif(sections.words, 0), 6) as uncertain_pct,
        row_number() over (
            partition by documents.company_id, documents.url, sections.code
            order by sections.section_position
        ) as code_number
    from {{ ref('stg_documents__sections') }} as sections
    inner join documents
        on sections.sha256 = documents.sha256 and sections.document_type = documents.read_as
)

select * from sections
