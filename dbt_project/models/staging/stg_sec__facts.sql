with current_facts as (
    {{ current_version(source('raw', 'sec_facts')) }}
),

-- What a predecessor filed is the company's own history; a filing of both of them counts once.
of_companies as (
    select
        current_facts.*,
        coalesce(predecessors.cik, current_facts.cik) as company_cik
    from current_facts
    left join {{ source('ops', 'watchlist_predecessors') }} as predecessors
        on current_facts.cik = predecessors.predecessor_cik
    where
        predecessors.cik is null
        or not exists (
            select 1
            from {{ source('raw', 'sec_facts') }} as own
            where
                predecessors.cik = own.cik
                and current_facts.accession = own.accession
        )
),

known_facts as (
    select
        company_cik as cik,
        cik as filer_cik,
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
