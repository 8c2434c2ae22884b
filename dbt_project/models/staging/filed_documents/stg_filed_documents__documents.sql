with of_companies as (
    {{ company_version(source('raw', 'filed_documents')) }}
),

known_documents as (
    select
        company_cik as cik,
        accession,
        form,
        document_type,
        name,
        description,
        url,
        filed_date,
        sha256
    from of_companies
    where filed_date <= {{ as_of() }}
)

select * from known_documents
