-- Reports that what was known when they were filed refutes, and why. Each verdict is of reports of
-- its own day or earlier ones: what is filed later changes none. Amounts are compared within a
-- currency.
with chosen as (
    select *
    from {{ ref('int_reports__checked') }}
),

lines as (
    select * from {{ ref('lines') }}
),

reports as (
    select
        chosen.*,
        lines.is_additive,
        lines.is_never_negative,
        lag(chosen.value) over cell as reported_before,
        lag(chosen.value, 2) over cell as reported_before_that,
        first_value(chosen.value) over (
            cell rows between unbounded preceding and 1 preceding
        ) as reported_first
    from chosen
    inner join lines on chosen.line = lines.line
    window cell as (
        partition by
            chosen.cik, chosen.line, chosen.length_class, chosen.period_end, chosen.currency
        order by chosen.filed_date
    )
),

news as (
    select
        *,
        reported_before is not null as is_known
    from reports
    where
        reported_before is null
        or abs(value - reported_before) > 0.005 * abs(reported_before)
),

first_reports as (
    select *
    from reports
    where reported_before is null and value <> 0
),

-- The value of another period of the year around it, as that one was first filed: a column of a
-- table tagged with the wrong days.
like_neighbours as (
    select distinct
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        length(rtrim(trunc(abs(news.value))::text, '0')) as digits
    from news
    inner join first_reports as other
        on
            news.cik = other.cik
            and news.line = other.line
            and news.length_class = other.length_class
            and news.value = other.value
            and news.period_end <> other.period_end
            and other.period_end between news.period_end - 380 and news.period_end + 380
            and news.filed_date > other.filed_date
    where
        news.nature in ('flow', 'stock')
        and news.value is distinct from news.reported_first
),

-- Two digits are the same by chance, but not beside other such values of the filing.
neighbours as (
    select *
    from (
        select
            *,
            max(digits) over (partition by cik, accession, length_class) as most_digits
        from like_neighbours
    ) as with_others
    where most_digits >= 3
),

-- Amounts per share and counts repeat by chance: they follow the amounts of their period.
neighbour_periods as (
    select distinct
        cik,
        length_class,
        period_end,
        accession
    from neighbours
    where line in ('revenue', 'net_income')
),

-- Lines of which a filing tags one such period tag others like it.
neighbour_lines as (
    select distinct
        neighbours.cik,
        neighbours.line,
        neighbours.length_class,
        neighbours.accession
    from neighbours
    inner join news
        on
            neighbours.cik = news.cik
            and neighbours.line = news.line
            and neighbours.length_class = news.length_class
            and neighbours.period_end = news.period_end
            and neighbours.accession = news.accession
    where news.is_known
),

-- A longer period of the filing, less the rest of it as it was known by then.
implied as (
    select distinct on (news.cik, news.line, news.length_class, news.period_end, news.accession)
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        longer.value - rest.value as implied_value
    from news
    inner join reports as longer
        on
            news.cik = longer.cik
            and news.line = longer.line
            and news.accession = longer.accession
            and news.length_class <> longer.length_class
            and longer.period_start <= news.period_start
            and longer.period_end >= news.period_end
    inner join reports as rest
        on
            news.cik = rest.cik
            and news.line = rest.line
            and (
                (
                    news.period_end = longer.period_end
                    and longer.period_start = rest.period_start
                    and rest.period_end = news.period_start - 1
                )
                or (
                    news.period_start = longer.period_start
                    and longer.period_end = rest.period_end
                    and rest.period_start = news.period_end + 1
                )
            )
            and news.filed_date >= rest.filed_date
            and rest.blank_reason is null
    where news.is_additive and longer.blank_reason is null
    order by
        news.cik, news.line, news.length_class, news.period_end, news.accession,
        rest.filed_date desc, longer.period_start, longer.period_end, rest.period_start,
        rest.length_class
),

-- Quarters that a filing states for a whole year, and that add up to it, contradict nothing.
whole_years as (
    select
        years.cik,
        years.line,
        years.accession,
        years.period_start,
        years.period_end
    from reports as years
    inner join reports as quarters
        on
            years.cik = quarters.cik
            and years.line = quarters.line
            and years.accession = quarters.accession
            and quarters.period_start >= years.period_start
            and years.period_end >= quarters.period_end
    where
        years.length_class = 'annual'
        and quarters.length_class = 'quarter'
        and years.is_additive
    group by years.cik, years.line, years.accession, years.period_start, years.period_end
    having
        count(*) = 4
        and abs(max(years.value) - sum(quarters.value))
        <= 0.01 * greatest(max(abs(years.value)), max(abs(quarters.value)))
),

-- A balance total that earlier filings proved by their other side, and this one does not.
proven_balances as (
    select distinct
        cik,
        period_end,
        value,
        filed_date,
        accession
    from {{ ref('int_facts__settled') }}
    where line = 'liabilities_and_equity' and is_reporting_currency
),

unproven_balances as (
    select
        news.cik,
        news.period_end,
        news.value,
        min(news.filed_date) as filed_date
    from news
    inner join proven_balances as before
        on
            news.cik = before.cik
            and news.period_end = before.period_end
            and news.reported_before = before.value
            and news.filed_date > before.filed_date
    left join proven_balances as own
        on
            news.cik = own.cik
            and news.accession = own.accession
            and news.period_end = own.period_end
            and news.value = own.value
    where
        news.line = 'total_assets'
        and news.reported_before = news.reported_before_that
        and own.cik is null
    group by news.cik, news.period_end, news.value
),

other_balances as (
    select distinct
        reports.cik,
        reports.accession,
        reports.period_end
    from reports
    inner join unproven_balances
        on
            reports.cik = unproven_balances.cik
            and reports.period_end = unproven_balances.period_end
            and reports.value = unproven_balances.value
            and reports.filed_date >= unproven_balances.filed_date
    left join proven_balances as own
        on
            reports.cik = own.cik
            and reports.accession = own.accession
            and reports.period_end = own.period_end
            and reports.value = own.value
    where reports.line = 'total_assets' and own.cik is null
),

-- Exactly a thousandth or a millionth of what was known: an amount in thousands given as it stands
-- in the table. More than what was known is how such a slip is mended.
scaled as (
    select
        cik,
        line,
        length_class,
        period_end,
        accession,
        nature = 'shares' as is_count,
        round(log(abs(value / reported_before))) as exponent
    from news
    where
        is_known
        and nature <> 'per_share'
        and value <> 0
        and reported_before <> 0
        and (
            abs(log(abs(value / nullif(reported_before, 0))) + 3) < 0.0005
            or abs(log(abs(value / nullif(reported_before, 0))) + 6) < 0.0005
        )
),

scaled_filings as (
    select distinct
        cik,
        accession,
        is_count,
        exponent
    from scaled
),

-- Other periods of such a length stand in the same table.
scaled_lengths as (
    select distinct
        cik,
        accession,
        is_count,
        length_class
    from scaled
),

-- A share count that is a thousandth or a millionth of most of those of the years before.
misscaled_counts as (
    select
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession
    from reports as news
    inner join first_reports as other
        on
            news.cik = other.cik
            and news.line = other.line
            and other.period_end between news.period_end - 1100 and news.period_end - 20
            and news.filed_date >= other.filed_date
    where news.nature = 'shares' and news.value > 0 and other.value > 0
    group by news.cik, news.line, news.length_class, news.period_end, news.accession
    having
        count(*) filter (
            where
            abs(log(news.value / nullif(other.value, 0)) + 3) < 0.15
            or abs(log(news.value / nullif(other.value, 0)) + 6) < 0.15
        )
        > count(*) filter (where abs(log(news.value / nullif(other.value, 0))) < 1)
),

-- A payment does not shrink within a year.
shrunk as (
    select distinct
        years.cik,
        years.line,
        years.length_class,
        years.period_end,
        years.accession
    from reports as years
    inner join reports as shorter
        on
            years.cik = shorter.cik
            and years.line = shorter.line
            and years.period_start = shorter.period_start
            and shorter.period_end < years.period_end
            and years.filed_date >= shorter.filed_date
            and years.currency = shorter.currency
    where
        years.length_class = 'annual'
        and shorter.length_class = 'nine_months'
        and years.line in ('dividends_paid', 'capital_expenditure', 'share_repurchases')
        and years.value < shorter.value * 0.99
),

judged as (
    select
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        case
            when scaled.cik is not null then 'scale_slip'
            when
                news.is_known
                and (neighbours.cik is not null or neighbour_periods.cik is not null)
                then 'slip_refused'
            when
                neighbours.cik is not null
                and neighbour_lines.cik is not null
                and abs(news.value - implied.implied_value)
                > 0.05 * greatest(abs(news.value), abs(implied.implied_value))
                then 'slip_refused'
            when
                news.is_known
                and whole_years.cik is null
                and abs(news.value - implied.implied_value) > 0.01 * abs(implied.implied_value)
                and least(
                    abs(news.reported_before - implied.implied_value),
                    abs(news.reported_first - implied.implied_value)
                ) <= 0.01 * abs(implied.implied_value)
                then 'refuted_slip'
            when news.nature = 'stock' and news.is_known and other_balances.cik is not null
                then 'other_basis'
            -- What several filings said falls or rises threefold in one.
            when
                news.line in (
                    'total_assets', 'current_assets', 'total_liabilities', 'current_liabilities',
                    'cash_and_equivalents'
                )
                and news.reported_before = news.reported_before_that
                and (
                    abs(news.value) > 3 * abs(news.reported_before)
                    or abs(news.value) * 3 < abs(news.reported_before)
                )
                then 'slip_refused'
        end as refused_reason,
        case
            when
                scaled.cik is null
                and scaled_filings.cik is not null
                and (
                    not news.is_known and scaled_lengths.cik is not null
                    or abs(
                        log(abs(news.value / nullif(news.reported_before, 0)))
                        - scaled_filings.exponent
                    ) < 0.3
                )
                then 'slip_refused'
        end as blank_reason
    from news
    left join scaled
        on
            news.cik = scaled.cik
            and news.line = scaled.line
            and news.length_class = scaled.length_class
            and news.period_end = scaled.period_end
            and news.accession = scaled.accession
    left join scaled_filings
        on
            news.cik = scaled_filings.cik
            and news.accession = scaled_filings.accession
            and (news.nature = 'shares') = scaled_filings.is_count
            and news.nature <> 'per_share'
            and news.value <> 0
    left join scaled_lengths
        on
            news.cik = scaled_lengths.cik
            and news.accession = scaled_lengths.accession
            and (news.nature = 'shares') = scaled_lengths.is_count
            and news.length_class = scaled_lengths.length_class
    left join neighbours
        on
            news.cik = neighbours.cik
            and news.line = neighbours.line
            and news.length_class = neighbours.length_class
            and news.period_end = neighbours.period_end
            and news.accession = neighbours.accession
    left join neighbour_lines
        on
            news.cik = neighbour_lines.cik
            and news.line = neighbour_lines.line
            and news.length_class = neighbour_lines.length_class
            and news.accession = neighbour_lines.accession
    left join neighbour_periods
        on
            news.nature in ('per_share', 'shares')
            and news.cik = neighbour_periods.cik
            and news.length_class = neighbour_periods.length_class
            and news.period_end = neighbour_periods.period_end
            and news.accession = neighbour_periods.accession
    left join implied
        on
            news.cik = implied.cik
            and news.line = implied.line
            and news.length_class = implied.length_class
            and news.period_end = implied.period_end
            and news.accession = implied.accession
    left join whole_years
        on
            news.cik = whole_years.cik
            and news.line = whole_years.line
            and news.accession = whole_years.accession
            and news.period_start >= whole_years.period_start
            and whole_years.period_end >= news.period_end
    left join other_balances
        on
            news.cik = other_balances.cik
            and news.accession = other_balances.accession
            and news.period_end = other_balances.period_end
    union all
    select
        cik,
        line,
        length_class,
        period_end,
        accession,
        null as refused_reason,
        'slip_refused' as blank_reason
    from misscaled_counts
    union all
    select
        cik,
        line,
        length_class,
        period_end,
        accession,
        null as refused_reason,
        'check_failed' as blank_reason
    from shrunk
),

-- A slip that a later filing repeats is one still, unless more filings say it than said otherwise;
-- of another basis it is however many say it.
repeated as (
    select
        again.cik,
        again.line,
        again.length_class,
        again.period_end,
        again.accession,
        judged.refused_reason,
        null as blank_reason
    from judged
    inner join reports as slip
        on
            judged.cik = slip.cik
            and judged.line = slip.line
            and judged.length_class = slip.length_class
            and judged.period_end = slip.period_end
            and judged.accession = slip.accession
    inner join reports as again
        on
            slip.cik = again.cik
            and slip.line = again.line
            and slip.length_class = again.length_class
            and slip.period_end = again.period_end
            and slip.value = again.value
            and again.filed_date > slip.filed_date
    inner join reports as said
        on
            again.cik = said.cik
            and again.line = said.line
            and again.length_class = said.length_class
            and again.period_end = said.period_end
            and again.filed_date >= said.filed_date
    left join proven_balances as own
        on
            again.line = 'total_assets'
            and again.cik = own.cik
            and again.accession = own.accession
            and again.period_end = own.period_end
            and again.value = own.value
    where judged.refused_reason is not null and own.cik is null
    group by
        again.cik, again.line, again.length_class, again.period_end, again.accession,
        judged.refused_reason
    having
        judged.refused_reason = 'other_basis'
        or count(*) filter (where said.value = again.value)
        <= count(*) filter (where said.value <> again.value)
),

slipped as (
    select
        cik,
        line,
        length_class,
        period_end,
        accession,
        min(refused_reason) as refused_reason,
        min(blank_reason) as blank_reason
    from (
        select * from judged
        union all
        select * from repeated
    ) as verdicts
    where refused_reason is not null or blank_reason is not null
    group by cik, line, length_class, period_end, accession
)

select * from slipped
