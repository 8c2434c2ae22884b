with documents as (
    select
        company_id,
        ticker,
        url,
        document_type,
        title,
        accession,
        form,
        filed_date,
        known_from,
        verdict,
        detail,
        media,
        pages,
        characters,
        period_end,
        fiscal_year,
        fiscal_quarter,
        reader_sha
    from {{ ref('int_documents__listed') }}
)

select * from documents
