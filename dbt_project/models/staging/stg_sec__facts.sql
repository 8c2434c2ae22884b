with current_facts as (
    {{ current_version(source('raw', 'sec_facts')) }}
),

known_facts as (
    select
        cik,
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
    from current_facts
    where filed_date <= {{ as_of() }}
)

select * from known_facts
