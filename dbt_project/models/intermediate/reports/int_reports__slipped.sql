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
        ) as reported_first,
        max(chosen.period_end) over (
            partition by chosen.cik, chosen.accession
        ) as report_end
    from chosen
    inner join lines on chosen.line = lines.line
    window cell as (
        partition by
            chosen.cik, chosen.line, chosen.length_class, chosen.period_end, chosen.currency
        order by chosen.filed_date
    )
),

-- What says something new: of a period that was unknown, or another value, which is a change if it
-- is more than rounding.
news as (
    select
        *,
        reported_before is null as is_first,
        coalesce(abs(value - reported_before) > 0.005 * abs(reported_before), false) as is_change
    from reports
    where value is distinct from reported_before
),

first_reports as (
    select *
    from reports
    where reported_before is null and value <> 0
),

{{ misdated_slips() }}

{{ implied_values() }}

{{ other_basis_slips() }}

{{ scale_slips() }}

{{ shrunk_years() }}

weighed as (
    select
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        case
            when scaled.cik is not null then 'scale_slip'
            when
                news.is_change
                and (neighbours.cik is not null or neighbour_periods.cik is not null)
                then 'slip_refused'
            -- The other columns of such a table: nearly what was known, or an earlier period that
            -- was not known, and that a longer one contradicts.
            when
                neighbour_lines.cik is not null
                and not news.is_first
                and neighbours.cik is not null
                then 'slip_refused'
            when
                neighbour_lines.cik is not null
                and news.is_first
                and (news.period_end < news.report_end or neighbours.cik is not null)
                and abs(news.value - implied.implied_value)
                > 0.005 * greatest(abs(news.value), abs(implied.implied_value))
                then 'slip_refused'
            when
                news.is_change
                and whole_years.cik is null
                and abs(news.value - implied.implied_value) > 0.01 * abs(implied.implied_value)
                and least(
                    abs(news.reported_before - implied.implied_value),
                    abs(news.reported_first - implied.implied_value)
                ) <= 0.01 * abs(implied.implied_value)
                then 'refuted_slip'
            when news.nature = 'stock' and news.is_change and other_balances.cik is not null
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
                    news.is_first and scaled_lengths.cik is not null
                    or abs(
                        log(abs(nullif(news.value, 0) / nullif(news.reported_before, 0)))
                        - scaled_filings.exponent
                    ) < 0.3
                )
                then 'slip_refused'
        end as blank_reason
    from news
    {{ of_the_report('scaled') }}
    {{ of_the_report('scaled_filings', [], [
        "(news.nature = 'shares') = scaled_filings.is_count",
        "news.nature <> 'per_share'",
        "news.value <> 0",
    ]) }}
    {{ of_the_report(
        'scaled_lengths', ['length_class'], ["(news.nature = 'shares') = scaled_lengths.is_count"]
    ) }}
    {{ of_the_report('neighbours') }}
    {{ of_the_report('neighbour_lines', ['line', 'length_class']) }}
    {{ of_the_report(
        'neighbour_periods', ['length_class', 'period_end'],
        ["news.nature in ('per_share', 'shares')"]
    ) }}
    {{ of_the_report('implied') }}
    {{ of_the_report('whole_years', ['line'], [
        "news.period_start >= whole_years.period_start",
        "whole_years.period_end >= news.period_end",
    ]) }}
    {{ of_the_report('other_balances', ['period_end']) }}
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

-- Few of them: what is refused is then looked for among all reports.
judged as (
    select *
    from weighed
    where refused_reason is not null or blank_reason is not null
),

{{ repeated_slips() }}

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
    group by cik, line, length_class, period_end, accession
)

select * from slipped
