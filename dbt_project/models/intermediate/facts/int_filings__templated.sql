-- Which statement template a filing follows, by the concepts in it: two that only one template has.
with marked as (
    select
        facts.accession,
        concepts.template,
        count(distinct facts.concept) as concept_count
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('template_concepts') }} as concepts
        on
            facts.taxonomy = concepts.taxonomy
            and facts.concept = concepts.concept
    group by facts.accession, concepts.template
    having count(distinct facts.concept) >= 2
),

best as (
    select distinct on (accession)
        accession,
        template
    from marked
    order by accession asc, concept_count desc, template asc
),

templated as (
    select
        filings.accession,
        coalesce(best.template, 'industrial') as template
    from (select distinct accession from {{ ref('stg_sec__facts') }}) as filings
    left join best on filings.accession = best.accession
)

select * from templated
