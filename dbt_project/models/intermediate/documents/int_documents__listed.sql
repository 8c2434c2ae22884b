-- Every document of a company, where it lies, since when it is known, and how far it was read.
with companies as (
    select * from {{ ref('int_companies__listed') }}
),

filed as (
    select
        companies.company_id,
        documents.cik,
        documents.accession,
        documents.form,
        documents.document_type,
        documents.url,
        coalesce(documents.description, documents.name) as title,
        documents.filed_date,
        {{ end_of_day('documents.filed_date') }} as known_from,
        documents.sha256,
        documents.document_type as read_as
    from {{ ref('stg_filed_documents__documents') }} as documents
    inner join companies on documents.cik = companies.cik
),

published as (
    select
        companies.company_id,
        companies.cik,
        null::text as accession,
        null::text as form,
        'investor page' as document_type,
        documents.url,
        documents.title,
        (documents.known_from at time zone 'America/New_York')::date as filed_date,
        documents.known_from,
        documents.sha256,
        '' as read_as
    from {{ ref('stg_investor_pages__documents') }} as documents
    inner join companies on documents.company_id = companies.company_id
),

listed as (
    select * from filed
    union all
    select * from published
),

-- The same address may be listed by a filer and by its predecessor.
one_per_address as (
    select distinct on (company_id, url) *
    from listed
    order by company_id asc, url asc, known_from asc, document_type asc
),

with_readings as (
    select
        listed.*,
        companies.ticker,
        readings.reader_sha,
        coalesce(readings.verdict, 'unread') as verdict,
        readings.detail,
        readings.media,
        readings.pages,
        readings.characters,
        readings.period_end,
        readings.fiscal_year,
        readings.fiscal_quarter
    from one_per_address as listed
    inner join companies on listed.company_id = companies.company_id
    left join {{ ref('stg_documents__documents') }} as readings
        on listed.sha256 = readings.sha256 and listed.read_as = readings.document_type
)

select * from with_readings
