-- Each range that a document expects, one for a metric and period, and whether it was said newest.
with documents as (
    select * from {{ ref('int_documents__listed') }}
),

guidances as (
    select
        documents.company_id,
        documents.ticker,
        documents.url,
        guidances.metric,
        guidances.period_type,
        {{ period_label('guidances') }} as period,
        guidances.period_end,
        guidances.fiscal_year,
        guidances.fiscal_quarter,
        guidances.low,
        guidances.high,
        guidances.unit,
        documents.document_type,
        documents.accession,
        guidances.page,
        guidances.start_offset,
        guidances.end_offset,
        guidances.sentence,
        documents.known_from,
        guidances.guidance_position
    from {{ ref('stg_documents__guidances') }} as guidances
    inner join documents
        on guidances.sha256 = documents.sha256 and guidances.document_type = documents.read_as
),

-- A document that says two ranges for one period is not understood: neither is told.
counted as (
    select
        *,
        count(*) over (partition by company_id, url, metric, unit, period_type, period) as said
    from guidances
    where period is not null
),

told as (
    select
        company_id,
        ticker,
        url,
        metric,
        unit,
        period_type,
        period,
        period_end,
        fiscal_year,
        fiscal_quarter,
        low,
        high,
        document_type,
        accession,
        page,
        start_offset,
        end_offset,
        sentence,
        known_from,
        row_number() over (
            partition by company_id, metric, unit, period_type, period
            order by known_from desc, url asc
        ) = 1 as is_newest
    from counted
    where said = 1
)

select * from told
