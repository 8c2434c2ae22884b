-- Paragraphs of the risk factors of annual reports, each with the report of the year before.
with documents as (
    select * from {{ ref('int_documents__listed') }}
    where
        accession is not null
        and regexp_replace(document_type, '/A$', '') in ('10-K', '10-KT', '20-F', '40-F')
        and period_end is not null
),

year_before as (
    select distinct on (later.company_id, later.url)
        later.company_id,
        later.url,
        earlier.url as earlier_url
    from documents as later
    inner join documents as earlier
        on
            later.company_id = earlier.company_id
            and earlier.period_end between later.period_end - 385 and later.period_end - 345
            and earlier.known_from < later.known_from
    order by later.company_id asc, later.url asc, earlier.known_from desc, earlier.url asc
),

paragraphs as (
    select
        documents.company_id,
        documents.ticker,
        documents.url,
        documents.accession,
        documents.known_from,
        documents.period_end,
        year_before.earlier_url,
        risks.risk_position,
        risks.start_offset,
        risks.body
    from {{ ref('stg_documents__risks') }} as risks
    inner join documents
        on risks.sha256 = documents.sha256 and risks.document_type = documents.read_as
    left join year_before
        on documents.company_id = year_before.company_id and documents.url = year_before.url
)

select * from paragraphs
