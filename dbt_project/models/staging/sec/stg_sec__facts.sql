-- The facts of the batch's filers. A table, since seven models read it: as a view each would sort
-- all facts anew.
{{ config(materialized='table', unlogged=true, post_hook='analyze {{ this }}') }}

with of_companies as (
    {{ company_version(
        source('raw', 'sec_facts'), key=['filing_id', 'series_id', 'start_date', 'end_date']
    ) }}
),

known_facts as (
    select
        company_cik as cik,
        cik as filer_cik,
        -- A positive number made of what names the fact: what others file cannot change it. Within
        -- a company two facts do not share one; a test would say so.
        hash_record_extended(
            row(cik, taxonomy, concept, unit, start_date, end_date, accession), 0
        ) & 9223372036854775807 as fact_id,
        taxonomy,
        concept,
        unit,
        start_date as period_start,
        end_date as period_end,
        end_date - start_date as period_days,
        value,
        accession,
        fy,
        form,
        filed_date,
        {{ end_of_day('filed_date') }} as known_from
    from of_companies
    where filed_date <= {{ as_of() }}
)

select * from known_facts
