-- What each filing says of each line and period: one concept chosen among what it offers.
with offered as (
    select *
    from {{ ref('int_facts__offered') }}
    where not is_coarse_note
),

-- What the filing's other two of revenue, cost and gross profit say of the third.
preferred as (
    select distinct on (cik, accession, line, length_class, period_start, period_end)
        cik,
        accession,
        line,
        length_class,
        period_start,
        period_end,
        value
    from offered
    where line in ('revenue', 'cost_of_revenue', 'gross_profit')
    order by
        cik asc, accession asc, line asc, length_class asc, period_start asc, period_end asc,
        priority asc
),

implied as (
    select
        profits.cik,
        profits.accession,
        profits.period_start,
        profits.period_end,
        others.line as stated_line,
        case others.line
            when 'cost_of_revenue' then profits.value + others.value
            else others.value - profits.value
        end as implied_value
    from preferred as profits
    inner join preferred as others
        on
            profits.cik = others.cik
            and profits.accession = others.accession
            and profits.period_start = others.period_start
            and profits.period_end = others.period_end
            and others.line in ('revenue', 'cost_of_revenue')
    where profits.line = 'gross_profit'
),

compared as (
    select
        offered.*,
        offered.priority > min(offered.priority) over (
            partition by offered.cik, offered.accession, offered.line
        ) as is_secondary,
        max(offered.value) over one_cell as largest_value,
        max(offered.value) filter (
            where offered.rule in ('reported', 'sign_corrected')
        ) over one_cell as largest_reported,
        min(offered.value) filter (
            where offered.rule in ('reported', 'sign_corrected')
        ) over one_cell as smallest_reported,
        first_value(offered.value) over (one_cell order by offered.priority) as preferred_value,
        coalesce(
            abs(offered.value - implied.implied_value) <= 0.005 * abs(offered.value), false
        ) as is_implied
    from offered
    left join implied
        on
            offered.cik = implied.cik
            and offered.accession = implied.accession
            and offered.period_start = implied.period_start
            and offered.period_end = implied.period_end
            and case offered.line
                when 'revenue' then implied.stated_line = 'cost_of_revenue'
                when 'cost_of_revenue' then implied.stated_line = 'revenue'
                else false
            end
    window one_cell as (
        partition by
            offered.cik, offered.line, offered.length_class, offered.period_start,
            offered.period_end, offered.accession
    )
),

judged_cells as (
    select
        *,
        first_value(is_implied) over (one_cell order by priority) as is_preferred_implied,
        bool_or(is_implied) over one_cell as is_any_implied
    from compared
    window one_cell as (
        partition by cik, line, length_class, period_start, period_end, accession
    )
),

-- A candidate well above the preferred one means that the preferred one may be a slice: then the
-- one that the other two imply is taken, and none where they imply none. Between two measures of
-- one outlay, or of one cost, nothing decides.
doubted as (
    select
        *,
        case
            when line = 'revenue'
                then preferred_value > 0 and largest_value > preferred_value * 1.005
            when line = 'cost_of_revenue'
                then
                    preferred_value > 0
                    and (
                        largest_value > preferred_value * 1.005
                        or (is_any_implied and not is_preferred_implied)
                    )
            when
                line in (
                    'capital_expenditure', 'depreciation_amortization', 'research_and_development'
                )
                then largest_reported - smallest_reported > 0.005 * abs(largest_reported)
            else false
        end as may_be_slice
    from judged_cells
),

chosen as (
    select distinct on (cik, line, length_class, period_end, filed_date) *
    from doubted
    order by
        cik asc, line asc, length_class asc, period_end asc, filed_date asc,
        accession desc, is_sign_unclear asc, may_be_slice and not is_implied asc, priority asc
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
        derivation,
        rule,
        inputs,
        case
            when is_sign_unclear then 'sign_unclear'
            when has_two_starts then 'ambiguous'
            when may_be_slice and not is_implied then 'ambiguous'
        end as blank_reason
    from chosen
)

select * from judged
