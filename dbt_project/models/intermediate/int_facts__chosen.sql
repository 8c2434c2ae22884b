-- What each filing says of each line and period: one concept chosen among the candidates.
with candidates as (
    select *
    from {{ ref('int_facts__mapped') }}
    where is_reporting_currency
),

start_use as (
    select
        cik,
        length_class,
        period_end,
        period_start,
        count(distinct accession || line) as use_count
    from candidates
    where period_start is not null
    group by cik, length_class, period_end, period_start
),

-- Another end within a week for the same start is a slip in one filing, not a period.
fiscal_ends as (
    select period.*
    from start_use as period
    where
        not exists (
            select 1
            from start_use as other
            where
                other.cik = period.cik
                and other.length_class = period.length_class
                and other.period_start = period.period_start
                and other.period_end <> period.period_end
                and other.period_end between period.period_end - 7 and period.period_end + 7
                and other.use_count > period.use_count
        )
),

ranked_starts as (
    select
        *,
        rank() over (partition by cik, length_class, period_end order by use_count desc)
            as start_rank,
        count(*) over (partition by cik, length_class, period_end, use_count) > 1 as is_tied
    from fiscal_ends
),

fiscal_periods as (
    select
        candidates.*,
        coalesce(ranked_starts.is_tied, false) as has_two_starts
    from candidates
    left join ranked_starts
        on
            candidates.cik = ranked_starts.cik
            and candidates.length_class = ranked_starts.length_class
            and candidates.period_end = ranked_starts.period_end
            and candidates.period_start = ranked_starts.period_start
    where candidates.period_start is null or ranked_starts.start_rank = 1
),

-- What a filing's own gross profit and cost say its revenue is.
costs as (
    select distinct on (accession, length_class, period_start, period_end)
        accession,
        length_class,
        period_start,
        period_end,
        value
    from fiscal_periods
    where line = 'cost_of_revenue'
    order by accession asc, length_class asc, period_start asc, period_end asc, priority asc
),

implied_revenues as (
    select
        costs.accession,
        costs.length_class,
        costs.period_start,
        costs.period_end,
        costs.value + profits.value as implied_value
    from costs
    inner join fiscal_periods as profits
        on
            profits.line = 'gross_profit'
            and costs.accession = profits.accession
            and costs.length_class = profits.length_class
            and costs.period_start = profits.period_start
            and costs.period_end = profits.period_end
),

compared as (
    select
        fiscal_periods.*,
        fiscal_periods.priority > min(fiscal_periods.priority) over (
            partition by fiscal_periods.accession, fiscal_periods.line
        ) as is_secondary,
        max(fiscal_periods.value) over one_cell as largest_value,
        first_value(fiscal_periods.value) over (one_cell order by fiscal_periods.priority)
            as preferred_value,
        coalesce(
            abs(fiscal_periods.value - implied_revenues.implied_value)
            <= 0.005 * abs(fiscal_periods.value),
            false
        ) as is_implied
    from fiscal_periods
    left join implied_revenues
        on
            fiscal_periods.line = 'revenue'
            and fiscal_periods.accession = implied_revenues.accession
            and fiscal_periods.length_class = implied_revenues.length_class
            and fiscal_periods.period_start = implied_revenues.period_start
            and fiscal_periods.period_end = implied_revenues.period_end
    window one_cell as (
        partition by
            fiscal_periods.cik, fiscal_periods.line, fiscal_periods.length_class,
            fiscal_periods.period_start, fiscal_periods.period_end, fiscal_periods.accession
    )
),

-- A candidate well above the preferred one means that the preferred one may be a slice: then the
-- one that gross profit and cost imply is taken, and none where they imply none.
doubted as (
    select
        *,
        line = 'revenue' and preferred_value > 0 and largest_value > preferred_value * 1.005
            as may_be_slice
    from compared
),

chosen as (
    select distinct on (cik, line, length_class, period_start, period_end, filed_date) *
    from doubted
    order by
        cik asc, line asc, length_class asc, period_start asc, period_end asc, filed_date asc,
        accession desc, may_be_slice and not is_implied asc, priority asc
),

judged as (
    select
        cik,
        line,
        nature,
        length_class,
        period_start,
        period_end,
        currency,
        concept,
        is_secondary,
        accession,
        form,
        filed_date,
        known_from,
        value,
        case
            when has_two_starts then 'ambiguous'
            when may_be_slice and not is_implied then 'ambiguous'
        end as blank_reason
    from chosen
)

select * from judged
