-- Statement facts that a line or a part of one may use, each with its period's length class.
-- The planner takes what a concept and a unit select for a single row, and would loop over it.
{{ config(pre_hook='set local enable_nestloop = off') }}

-- Most facts serve no line: they are left before anything else is joined.
with named as materialized (
    select
        facts.*,
        concepts.line,
        concepts.template as concept_template,
        concepts.priority
    from {{ ref('stg_sec__facts') }} as facts
    inner join {{ ref('line_concepts') }} as concepts
        on facts.taxonomy = concepts.taxonomy and facts.concept = concepts.concept
    inner join {{ ref('statement_forms') }} as forms on facts.form = forms.form
),

-- Only where an annual report has stated a year are twelve months a fiscal year.
fiscal_years as (
    select
        cik,
        year_end,
        min(filed_date) as first_filed
    from {{ ref('int_fiscal_years__stated') }}
    group by cik, year_end
),

facts as (
    select
        named.*,
        templated.template,
        years.year_end is not null as is_fiscal_year
    from named
    inner join {{ ref('int_filings__templated') }} as templated
        on named.cik = templated.cik and named.accession = templated.accession
    left join fiscal_years as years
        on
            named.cik = years.cik
            and named.period_end = years.year_end
            and named.filed_date >= years.first_filed
    where named.concept_template in ('any', templated.template)
),

fillable as (
    select
        line,
        nature
    from {{ ref('lines') }}
    union all
    select
        part as line,
        nature
    from {{ ref('line_parts') }}
),

mapped as (
    select
        facts.cik,
        facts.fact_id,
        fillable.line,
        fillable.nature,
        facts.priority,
        facts.taxonomy || ':' || facts.concept as concept,
        facts.unit,
        facts.period_start,
        facts.period_end,
        facts.value,
        facts.accession,
        facts.form,
        facts.filed_date,
        facts.known_from,
        facts.template,
        case
            when facts.unit ~* '^[a-z]{3}(/shares?)?$' then upper(left(facts.unit, 3))
        end as currency,
        case
            when facts.period_start is null then 'instant'
            when facts.period_days between 80 and 119 then 'quarter'
            when facts.period_days between 165 and 205 then 'half_year'
            when facts.period_days between 250 and 290 then 'nine_months'
            when facts.period_days between 350 and 380 and facts.is_fiscal_year then 'annual'
        end as length_class
    from facts
    inner join fillable
        on
            facts.line = fillable.line
            -- The unit must fit the line: money, money per share, or shares.
            and case fillable.nature
                when 'per_share' then facts.unit ~* '^[a-z]{3}/shares?$'
                when 'shares' then facts.unit ~* '^shares?$'
                when 'count' then facts.unit ~* '^shares?$'
                else facts.unit ~ '^[A-Z]{3}$'
            end
            and (fillable.nature in ('stock', 'count')) = (facts.period_start is null)
),

currency_use as (
    select
        cik,
        accession,
        currency,
        count(distinct fact_id) as fact_count
    from mapped
    where currency is not null
    group by cik, accession, currency
),

-- A filer's convenience translation covers fewer periods than its reporting currency.
reporting_currency as (
    select distinct on (cik, accession)
        cik,
        accession,
        currency as reporting_currency
    from currency_use
    order by cik asc, accession asc, fact_count desc, currency asc
),

classified as (
    select
        mapped.*,
        coalesce(mapped.currency = reporting_currency.reporting_currency, true)
            as is_reporting_currency
    from mapped
    left join reporting_currency
        on
            mapped.cik = reporting_currency.cik
            and mapped.accession = reporting_currency.accession
    where mapped.length_class is not null
)

select * from classified
