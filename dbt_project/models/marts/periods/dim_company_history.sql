-- What a company was called, traded as and filed under, and when its year ended, with dates.
with companies as (
    select *
    from {{ ref('int_companies__listed') }}
    where company_id in (select company_id from {{ ref('stg_ops__batch') }})
),

tickers as (
    select
        company_id,
        'ticker' as attribute,
        ticker as value,
        nullif(valid_from, '-infinity') as valid_from,
        nullif(valid_to, 'infinity') as valid_to
    from {{ ref('int_tickers__listed') }}
    where company_id in (select company_id from {{ ref('stg_ops__batch') }})
),

ciks as (
    select
        company_id,
        'cik' as attribute,
        predecessor_cik::text as value,
        lag(valid_to) over (partition by company_id order by valid_to) + 1 as valid_from,
        valid_to
    from {{ ref('stg_watchlist__predecessors') }}
    where company_id in (select company_id from {{ ref('stg_ops__batch') }})
    union all
    select
        companies.company_id,
        'cik' as attribute,
        companies.cik::text as value,
        max(predecessors.valid_to) + 1 as valid_from,
        null::date as valid_to
    from companies
    left join {{ ref('stg_watchlist__predecessors') }} as predecessors
        on companies.company_id = predecessors.company_id
    where companies.cik is not null
    group by companies.company_id, companies.cik
),

former_names as (
    select
        companies.company_id,
        former.name,
        former.valid_from,
        former.valid_to
    from companies
    inner join {{ ref('stg_sec__companies') }} as registrants on companies.cik = registrants.cik
    cross join lateral (
        select
            entry ->> 'name' as name,
            left(entry ->> 'from', 10)::date as valid_from,
            left(entry ->> 'to', 10)::date as valid_to
        from jsonb_array_elements(coalesce(registrants.former_names, '[]'::jsonb)) as entry
    ) as former
),

names as (
    select
        company_id,
        'name' as attribute,
        name as value,
        valid_from,
        valid_to
    from former_names
    union all
    select
        companies.company_id,
        'name' as attribute,
        coalesce(registrants.name, companies.name) as value,
        max(former_names.valid_to) + 1 as valid_from,
        null::date as valid_to
    from companies
    left join {{ ref('stg_sec__companies') }} as registrants on companies.cik = registrants.cik
    left join former_names on companies.company_id = former_names.company_id
    group by companies.company_id, registrants.name, companies.name
),

-- A year of 52 or 53 weeks ends around the same day; a change of month is a change of year-end.
year_ends as (
    select
        companies.company_id,
        years.year_end,
        to_char(years.year_end - 7, 'MM') as closing_month
    from {{ ref('int_fiscal_years__labelled') }} as years
    inner join companies on years.cik = companies.cik
),

year_end_runs as (
    select
        *,
        row_number() over (partition by company_id order by year_end)
        - row_number() over (partition by company_id, closing_month order by year_end)
            as run_number
    from year_ends
),

fiscal_year_ends as (
    select
        company_id,
        'fiscal_year_end' as attribute,
        to_char(max(year_end), 'MM-DD') as value,
        min(year_end) as valid_from,
        case
            when max(year_end) < max(max(year_end)) over (partition by company_id)
                then max(year_end)
        end as valid_to
    from year_end_runs
    group by company_id, closing_month, run_number
),

united as (
    select * from tickers
    union all
    select * from ciks
    union all
    select * from names
    union all
    select * from fiscal_year_ends
),

numbered as (
    select
        company_id,
        attribute,
        value,
        valid_from,
        valid_to,
        row_number() over (
            partition by company_id, attribute
            order by valid_from nulls first, valid_to nulls last, value
        )::int as entry_number
    from united
)

select * from numbered
