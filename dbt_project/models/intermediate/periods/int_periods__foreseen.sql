-- Periods that follow the filed ones, as could be foreseen from what was filed: at most a year of
-- quarters, or two years of an annual filer.
with filed as (
    select * from {{ ref('int_periods__filed') }}
),

steps as (
    select
        filed.*,
        steps.step_number,
        steps.step_number * case when filed.is_quarterly then 3 else 12 end as months,
        steps.step_number * case when filed.is_quarterly then 91 else 364 end as days
    from filed
    cross join (values (0), (1), (2), (3), (4)) as steps (step_number)
    where filed.is_quarterly or steps.step_number <= 2
),

-- A year of 52 or 53 weeks ends within a week of the day foreseen here.
foreseen as (
    select
        *,
        case
            when ends_with_month
                then (
                    date_trunc('month', report_end) + (months + 1) * interval '1 month'
                )::date - 1
            else report_end + days
        end as period_end
    from steps
),

ended as (
    select
        cik,
        template,
        currency,
        is_quarterly,
        period_end,
        lag(period_end) over (partition by cik, known_from order by step_number) + 1
            as period_start,
        coalesce(
            mod((period_end - year_end) + 20, 365) <= 40, not is_quarterly
        ) as is_year_end,
        step_number,
        greatest(known_from, {{ end_of_day('period_end') }}) as known_from,
        known_to
    from foreseen
),

foreseen_periods as (
    select
        cik,
        template,
        currency,
        is_quarterly,
        period_start,
        period_end,
        is_year_end or not is_quarterly as is_year_end,
        -- 10-Q: 45 days; 10-K: 90 days; 20-F and 40-F: four months.
        {{ end_of_day(
            "(period_end + case when not is_quarterly then 122 when is_year_end then 90 else 45 end)"
        ) }} as due_at,
        known_from,
        known_to
    from ended
    where
        step_number > 0
        and known_from < known_to
)

select * from foreseen_periods
