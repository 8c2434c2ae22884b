-- Which paragraphs of the risk factors are new in an annual report, and which are gone from it:
-- those that share less than half of their marks with every paragraph of the other report.
with paragraphs as (
    select * from {{ ref('int_risks__listed') }}
),

pairs as (
    select * from {{ ref('int_risks__paired') }}
),

of_later as (
    select
        company_id,
        url,
        risk_position,
        max(similarity) as similarity
    from pairs
    group by company_id, url, risk_position
),

of_earlier as (
    select
        company_id,
        url,
        earlier_position,
        max(similarity) as similarity
    from pairs
    group by company_id, url, earlier_position
),

added as (
    select
        later.company_id,
        later.ticker,
        later.url,
        'new' as change,
        later.risk_position,
        later.accession,
        later.period_end,
        later.known_from,
        later.earlier_url,
        later.start_offset,
        later.body,
        coalesce(of_later.similarity, 0) as similarity
    from paragraphs as later
    left join of_later
        on
            later.company_id = of_later.company_id
            and later.url = of_later.url
            and later.risk_position = of_later.risk_position
    where later.earlier_url is not null and coalesce(of_later.similarity, 0) < 0.5
),

reports as (
    select distinct
        company_id,
        ticker,
        url,
        accession,
        period_end,
        known_from,
        earlier_url
    from paragraphs
    where earlier_url is not null
),

removed as (
    select
        reports.company_id,
        reports.ticker,
        reports.url,
        'removed' as change,
        earlier.risk_position,
        reports.accession,
        reports.period_end,
        reports.known_from,
        reports.earlier_url,
        earlier.start_offset,
        earlier.body,
        coalesce(of_earlier.similarity, 0) as similarity
    from reports
    inner join paragraphs as earlier
        on
            reports.company_id = earlier.company_id
            and reports.earlier_url = earlier.url
    left join of_earlier
        on
            reports.company_id = of_earlier.company_id
            and reports.url = of_earlier.url
            and earlier.risk_position = of_earlier.earlier_position
    where coalesce(of_earlier.similarity, 0) < 0.5
),

changes as (
    select * from added
    union all
    select * from removed
)

select * from changes
