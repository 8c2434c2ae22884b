-- What each document states of a metric; of several statements of a period the surest and finest
-- comes first.
with documents as (
    select * from {{ ref('int_documents__listed') }}
),

kpis as (
    select * from {{ ref('stg_documents__kpis') }}
),

stated as (
    select
        documents.company_id,
        documents.ticker,
        documents.accession,
        documents.document_type,
        documents.url,
        documents.known_from,
        kpis.kpi_position,
        kpis.metric,
        kpis.value,
        kpis.unit,
        kpis.step,
        kpis.period_type,
        kpis.period_end,
        kpis.fiscal_year,
        kpis.fiscal_quarter,
        {{ period_label('kpis') }} as period,
        kpis.is_comparison,
        kpis.witness,
        kpis.witnesses,
        kpis.confidence,
        kpis.status,
        kpis.start_offset,
        kpis.end_offset,
        kpis.page,
        kpis.sentence
    from kpis
    inner join documents
        on kpis.sha256 = documents.sha256 and kpis.document_type = documents.read_as
),

ranked as (
    select
        *,
        row_number() over (
            partition by company_id, url, metric, unit, period_type, period, status
            order by confidence desc, step asc, start_offset asc, kpi_position asc
        ) as preference
    from stated
)

select * from ranked
