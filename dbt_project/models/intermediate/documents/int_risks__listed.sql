-- Paragraphs of the risk factors of annual reports, each with the report of the year before.
with documents as (
    select * from {{ ref('int_documents__listed') }}
    where
        accession is not null
        -- An amendment need not tell the risks again, and its silence is no change.
        and document_type in ('10-K', '10-KT', '20-F', '40-F')
        and period_end is not null
),

with_risks as (
    select *
    from documents
    where
        exists (
            select 1
            from {{ ref('stg_documents__risks') }} as risks
            where
                risks.sha256 = documents.sha256
                and risks.document_type = documents.read_as
        )
),

year_before as (
    select distinct on (later.company_id, later.url)
        later.company_id,
        later.url,
        earlier.url as earlier_url
    from with_risks as later
    inner join with_risks as earlier
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
