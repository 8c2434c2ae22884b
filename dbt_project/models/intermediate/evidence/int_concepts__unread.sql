-- Amounts of a company's reports that no line reads, by concept: how often, how large, and which
-- line has the same amount where both stand in one report.
with chosen as (
    select * from {{ ref('int_facts__chosen') }}
),

reports as (
    select
        chosen.cik,
        chosen.accession,
        max(chosen.period_end) as report_end
    from chosen
    inner join {{ ref('statement_forms') }} as forms
        on chosen.form = forms.form and forms.is_periodic
    where
        chosen.line in ('revenue', 'net_income', 'total_assets')
        and chosen.period_end <= chosen.filed_date
    group by chosen.cik, chosen.accession
),

concepts_read as (
    select distinct
        taxonomy,
        concept
    from {{ ref('line_concepts') }}
),

unread as (
    select
        facts.cik,
        facts.accession,
        facts.taxonomy,
        facts.concept,
        facts.period_start,
        facts.period_end,
        facts.filed_date,
        facts.value
    from {{ ref('stg_sec__facts') }} as facts
    inner join reports
        on
            facts.cik = reports.cik
            and facts.accession = reports.accession
            and facts.period_end = reports.report_end
    left join concepts_read
        on facts.taxonomy = concepts_read.taxonomy and facts.concept = concepts_read.concept
    where
        concepts_read.concept is null
        and facts.taxonomy in ('us-gaap', 'ifrs-full')
        and facts.unit ~ '^[A-Z]{3}$'
        and facts.value <> 0
),

sizes as (
    select
        cik,
        accession,
        max(abs(value)) filter (where line = 'revenue') as revenue,
        max(abs(value)) filter (where line = 'total_assets') as total_assets
    from chosen
    where line in ('revenue', 'total_assets')
    group by cik, accession
),

measured as (
    select
        unread.cik,
        unread.taxonomy,
        unread.concept,
        count(distinct unread.accession) as report_count,
        max(unread.filed_date) as last_filed_date,
        max(abs(unread.value) / nullif(sizes.revenue, 0)) as revenue_share,
        max(abs(unread.value) / nullif(sizes.total_assets, 0)) as assets_share
    from unread
    left join sizes on unread.cik = sizes.cik and unread.accession = sizes.accession
    group by unread.cik, unread.taxonomy, unread.concept
),

alike as (
    select
        unread.cik,
        unread.taxonomy,
        unread.concept,
        chosen.line,
        count(*) as equal_count
    from unread
    inner join chosen
        on
            unread.cik = chosen.cik
            and unread.accession = chosen.accession
            and unread.period_end = chosen.period_end
            and coalesce(unread.period_start, '-infinity')
            = coalesce(chosen.period_start, '-infinity')
            and unread.value = chosen.value
    group by unread.cik, unread.taxonomy, unread.concept, chosen.line
),

equals as (
    select distinct on (cik, taxonomy, concept) *
    from alike
    order by cik asc, taxonomy asc, concept asc, equal_count desc, line asc
),

found as (
    select
        companies.company_id,
        measured.taxonomy,
        measured.concept,
        measured.report_count,
        measured.last_filed_date,
        round(measured.revenue_share, 6) as revenue_share,
        round(measured.assets_share, 6) as assets_share,
        equals.line as equal_line,
        coalesce(equals.equal_count, 0) as equal_count
    from measured
    inner join {{ ref('int_companies__listed') }} as companies on measured.cik = companies.cik
    left join equals
        on
            measured.cik = equals.cik
            and measured.taxonomy = equals.taxonomy
            and measured.concept = equals.concept
    -- What is less than a hundredth of both revenue and assets is no line of a statement's face.
    where greatest(measured.revenue_share, measured.assets_share) >= 0.01
)

select * from found
