-- What somebody has to look at: statements that contradict each other or name no period.
with reviews as (
    select
        company_id,
        ticker,
        url,
        kpi_position,
        metric,
        value,
        unit,
        period,
        status as reason,
        witness,
        document_type,
        accession,
        page,
        start_offset,
        end_offset,
        sentence,
        known_from
    from {{ ref('int_kpis__stated') }}
    where status <> 'ok'
)

select * from reviews
