-- The next periodic report of each company and the day by which SEC wants it: general instruction
-- A of forms 10-K and 10-Q, and of 20-F. A day on which SEC is closed moves it on (rule 0-3).
-- A 40-F is due when its home country wants the report, which no rule here knows.
with listed as (
    select
        companies.company_id,
        companies.cik,
        companies.listing_status,
        coalesce(registrants.filer_category, '') as filer_category
    from {{ ref('int_companies__listed') }} as companies
    left join {{ ref('stg_sec__companies') }} as registrants on companies.cik = registrants.cik
    where companies.company_id in (select company_id from {{ ref('stg_ops__batch') }})
),

annual_forms as (
    select distinct on (chosen.cik)
        chosen.cik,
        left(chosen.form, 4) as form
    from {{ ref('int_facts__chosen') }} as chosen
    inner join {{ ref('statement_forms') }} as forms
        on chosen.form = forms.form and forms.is_annual
    order by chosen.cik asc, chosen.filed_date desc, chosen.form asc
),

-- Who files annual reports of foreign companies files no quarterly ones, whatever it did before.
next_periods as (
    select distinct on (foreseen.cik)
        foreseen.cik,
        foreseen.is_year_end,
        foreseen.period_end
    from {{ ref('int_periods__foreseen') }} as foreseen
    left join annual_forms on foreseen.cik = annual_forms.cik
    where
        foreseen.known_to = 'infinity'
        and (foreseen.is_year_end or coalesce(annual_forms.form, '10-K') = '10-K')
    order by foreseen.cik asc, foreseen.period_end asc
),

expected as (
    select
        listed.company_id,
        listed.listing_status,
        next_periods.period_end,
        case
            when not next_periods.is_year_end then '10-Q'
            else coalesce(annual_forms.form, '10-K')
        end as form,
        listed.filer_category <> '' as is_of_a_category,
        listed.filer_category ilike 'large accelerated%' as is_large,
        listed.filer_category ilike 'accelerated%' as is_accelerated
    from listed
    left join next_periods on listed.cik = next_periods.cik
    left join annual_forms on listed.cik = annual_forms.cik
),

counted as (
    select
        *,
        case
            when form in ('10-Q', '10-K') and not is_of_a_category then null
            when form = '10-Q'
                then period_end + case when is_large or is_accelerated then 40 else 45 end
            when form = '10-K'
                then period_end + case when is_large then 60 when is_accelerated then 75 else 90 end
            -- Four months from the end of a month end with a month.
            when form = '20-F' then ((period_end + 1) + interval '4 months')::date - 1
        end as last_day
    from expected
),

awaited as (
    select
        counted.company_id,
        case when counted.listing_status <> 'delisted' then counted.period_end end
            as next_filing_period_end,
        case
            when counted.listing_status <> 'delisted' and counted.period_end is not null
                then counted.form
        end as next_filing_form,
        case when counted.listing_status <> 'delisted' then open_days.day end as next_filing_due,
        case
            when counted.listing_status = 'delisted' then 'delisted'
            when counted.period_end is null then 'no_periodic_report'
            when counted.form = '40-F' then 'due_at_home'
            when counted.last_day is null then 'no_filer_category'
        end as next_filing_blank_reason
    from counted
    left join lateral (
        select min(days.day::date) as day
        from
            generate_series(
                counted.last_day::timestamp, counted.last_day + interval '7 days', interval '1 day'
            ) as days (day)
        left join {{ ref('federal_holidays') }} as holidays
            on days.day::date = holidays.holiday_date
        where extract(isodow from days.day) < 6 and holidays.holiday_date is null
    ) as open_days on true
)

select * from awaited
