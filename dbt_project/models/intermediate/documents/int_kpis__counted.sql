-- How many of a company's figures a filing tags too, by kind of document, and how many otherwise.
with counted as (
    select
        company_id,
        document_type,
        count(*) as checked_count,
        count(*) filter (where contradicted_by is not null) as failed_count
    from {{ ref('int_kpis__witnessed') }}
    group by company_id, document_type
)

select * from counted
