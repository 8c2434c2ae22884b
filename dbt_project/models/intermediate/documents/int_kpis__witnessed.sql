-- What a document states of a metric of the accounts, beside the facts that filings tag for the
-- period: the witness that does not read as we do.
with stated as (
    select
        stated.*,
        companies.cik
    from {{ ref('int_kpis__stated') }} as stated
    inner join {{ ref('int_companies__listed') }} as companies
        on stated.company_id = companies.company_id
    where stated.status = 'ok' and stated.preference = 1
),

compared as (
    select
        stated.company_id,
        stated.url,
        stated.metric,
        stated.unit,
        stated.period_type,
        stated.period,
        stated.document_type,
        facts.accession,
        facts.known_from,
        facts.known_from >= stated.known_from as is_later,
        -- Net income has several concepts: one that agrees is enough.
        bool_or(abs(facts.value - stated.value) <= stated.step / 2) as is_same
    from stated
    inner join {{ ref('kpi_lines') }} as lines on stated.metric = lines.metric
    inner join {{ ref('int_facts__mapped') }} as facts
        on
            stated.cik = facts.cik
            and lines.line = facts.line
            and stated.unit = facts.currency
            and stated.period_type = facts.length_class
            and stated.period_end = facts.period_end
    group by
        stated.company_id, stated.url, stated.metric, stated.unit, stated.period_type,
        stated.period, stated.document_type, stated.known_from, facts.accession, facts.known_from
),

witnessed as (
    select
        company_id,
        url,
        metric,
        unit,
        period_type,
        period,
        document_type,
        (array_agg(accession order by known_from, accession) filter (where is_same))[1]
            as confirmed_by,
        -- A later filing may restate what an earlier one confirms, and a document may be the first
        -- to tell what is restated: only a filing of its day or later contradicts it.
        case
            when not bool_or(is_same)
                then (
                    array_agg(accession order by known_from, accession) filter (where is_later)
                )[1]
        end as contradicted_by
    from compared
    group by company_id, url, metric, unit, period_type, period, document_type
    having bool_or(is_same or is_later)
)

select * from witnessed
