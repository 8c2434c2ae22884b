-- Which statement template a filing follows, by the concepts in it: two that only one template has.
with filings as (
    select distinct
        cik,
        accession
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
    having count(distinct facts.concept) >= 2
),

best as (
    select distinct on (cik, accession)
        cik,
        accession,
        template
    from marked
    order by cik asc, accession asc, concept_count desc, template asc
),

templated as (
    select
        filings.cik,
        filings.accession,
        coalesce(best.template, 'industrial') as template
    from filings
    left join best on filings.cik = best.cik and filings.accession = best.accession
)

select * from templated
