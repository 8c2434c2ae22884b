-- Fiscal year and quarter of each period end, counted from the company's own year-ends.
with period_ends as (
    select
        cik,
        period_end
    from {{ ref('int_reports__versioned') }}
    union
    select
        cik,
        period_end
    from {{ ref('int_periods__expected') }}
),

placed as (
    select
        period_ends.cik,
        period_ends.period_end,
        previous.fiscal_year as previous_year,
        period_ends.period_end - previous.year_end as days_after,
        following.fiscal_year as following_year,
        following.year_end - period_ends.period_end as days_before
    from period_ends
    left join lateral (
        select * from {{ ref('int_fiscal_years__labelled') }} as years
        where years.cik = period_ends.cik and years.year_end < period_ends.period_end
        order by years.year_end desc
        limit 1
    ) as previous on true
    left join lateral (
        select * from {{ ref('int_fiscal_years__labelled') }} as years
        where years.cik = period_ends.cik and years.year_end >= period_ends.period_end
        order by years.year_end asc
        limit 1
    ) as following on true
),

-- A year-end counts for the periods around it that are whole quarters away. What lies between two
-- year-ends that are not whole years apart, in the months of a moved year-end, belongs to neither.
counted as (
    select
        cik,
        period_end,
        previous_year,
        days_after,
        following_year,
        days_before,
        coalesce(
            abs(
                days_after + days_before
                - round(365.25 * greatest(round((days_after + days_before) / 365.25), 1))
            ) > 15,
            false
        ) as is_moved
    from placed
),

labelled as (
    select
        cik,
        period_end,
        case
            when days_before < 350 then following_year
            when is_moved then null
            -- A year-end before the first one known, such as a first balance to compare with.
            when days_before < 380 then following_year - 1
            else previous_year + ceil(round(days_after / 91.3) / 4)::int
        end as fiscal_year,
        case
            when days_before < 350 then 4 - round(days_before / 91.3)::int
            when is_moved then null
            when days_before < 380 then 4
            else 1 + mod(round(days_after / 91.3)::int - 1, 4)
        end as fiscal_quarter
    from counted
),

usable as (
    select
        cik,
        period_end,
        fiscal_year,
        case when fiscal_quarter between 1 and 4 then fiscal_quarter end as fiscal_quarter
    from labelled
)

select * from usable
