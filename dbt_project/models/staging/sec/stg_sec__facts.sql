-- The facts of the batch's filers. A table, since seven models read it: as a view each would sort
-- all facts anew.
{{ config(materialized='table', unlogged=true, post_hook='analyze {{ this }}') }}

with of_companies as (
    {{ company_version(source('raw', 'sec_facts')) }}
),

known_facts as (
    select
        company_cik as cik,
        cik as filer_cik,
        -- A positive number made of what names the fact: what others file cannot change it. Within
        -- a company two facts do not share one; a test would say so.
        uuid_hash_extended(key_sha, 0) & 9223372036854775807 as fact_id,
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
