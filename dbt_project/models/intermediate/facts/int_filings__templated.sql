-- Which statement template a filing follows, by the concepts that it and the filer's last ones
-- before it use: a quarter's report shows less than a year's, and one filing's tags are no kind.
with filings as (
    select distinct
        cik,
        accession,
        filed_date
    from {{ ref('stg_sec__facts') }}
),

marked as (
    select
        facts.cik,
        facts.accession,
        concepts.template,
        count(distinct facts.concept) as concept_count
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('template_concepts') }} as concepts
        on
            facts.taxonomy = concepts.taxonomy
            and facts.concept = concepts.concept
    group by facts.cik, facts.accession, concepts.template
),

templates as (
    select distinct template
    from {{ ref('template_concepts') }}
),

counted as (
    select
        filings.cik,
        filings.accession,
        filings.filed_date,
        templates.template,
        coalesce(marked.concept_count, 0) as concept_count
    from filings
    cross join templates
    left join marked
        on
            filings.cik = marked.cik
            and filings.accession = marked.accession
            and templates.template = marked.template
),

remembered as (
    select
        cik,
        accession,
        template,
        sum(concept_count) over last_filings as evidence_count,
        max(concept_count) over last_filings as most_in_one
    from counted
    window last_filings as (
        partition by cik, template
        order by filed_date, accession
        rows between 7 preceding and current row
    )
),

-- One concept may be another kind's, two that only one template has are not; a tie is industrial.
best as (
    select distinct on (cik, accession)
        cik,
        accession,
        template,
        evidence_count
    from remembered
    where most_in_one >= 2
    order by
        cik asc, accession asc, evidence_count desc, template = 'industrial' desc, template asc
),

templated as (
    select
        filings.cik,
        filings.accession,
        coalesce(best.template, 'industrial') as template,
        coalesce(best.evidence_count, 0)::int as evidence_count
    from filings
    left join best on filings.cik = best.cik and filings.accession = best.accession
)

select * from templated
