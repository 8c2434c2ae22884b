-- The facts behind each value, with what each contributes; what cancels out is left out.
with facts as (
    select distinct on (cik, fact_id)
        cik,
        fact_id,
        concept,
        unit,
        filed_start as period_start,
        period_end,
        value,
        accession,
        form,
        filed_date
    from {{ ref('int_facts__settled') }}
    order by cik, fact_id
),

shares as (
    select
        cells.cik,
        cells.line,
        cells.period_type,
        cells.period_end,
        cells.known_from,
        cells.rule,
        abs(terms.signed_id::bigint) as fact_id,
        sum(sign(terms.signed_id::bigint))::int as weight
    from {{ ref('int_cells__rebased') }} as cells
    cross join lateral jsonb_array_elements_text(cells.inputs) as terms (signed_id)
    group by
        cells.cik, cells.line, cells.period_type, cells.period_end, cells.known_from, cells.rule,
        abs(terms.signed_id::bigint)
    having sum(sign(terms.signed_id::bigint)) <> 0
),

listed as (
    select
        shares.cik,
        shares.line,
        shares.period_type,
        shares.period_end,
        shares.known_from,
        shares.rule,
        shares.weight,
        facts.concept as input_concept,
        facts.unit as input_unit,
        facts.period_start as input_start,
        facts.period_end as input_end,
        facts.value as input_value,
        facts.accession as input_accession,
        facts.form as input_form,
        facts.filed_date as input_filed_date,
        row_number() over (
            partition by
                shares.cik, shares.line, shares.period_type, shares.period_end, shares.known_from
            order by
                shares.weight desc, facts.period_end desc, facts.concept asc,
                facts.period_start asc, facts.accession asc
        )::int as input_number
    from shares
    inner join facts on shares.cik = facts.cik and shares.fact_id = facts.fact_id
),

inputs as (
    select
        companies.company_id,
        listed.cik,
        companies.ticker,
        listed.line,
        listed.period_type,
        listed.period_end,
        listed.known_from,
        listed.input_number,
        listed.rule,
        listed.weight,
        listed.input_concept,
        listed.input_unit,
        listed.input_start,
        listed.input_end,
        listed.input_value,
        listed.input_accession,
        listed.input_form,
        listed.input_filed_date
    from listed
    inner join {{ ref('int_companies__listed') }} as companies on listed.cik = companies.cik
)

select * from inputs
