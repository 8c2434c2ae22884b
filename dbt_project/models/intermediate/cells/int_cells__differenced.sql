-- Quarters, half-years and nine months as the difference of two figures with one start.
with reports as (
    select
        reports.*,
        recasting.accession is not null as is_recast,
        lines.is_never_negative
    from {{ ref('int_reports__versioned') }} as reports
    inner join {{ ref('lines') }} as lines on reports.line = lines.line
    left join {{ ref('int_filings__recasting') }} as recasting
        on
            reports.cik = recasting.cik
            and reports.line = recasting.line
            and reports.accession = recasting.accession
    where lines.is_additive
),

pairs as (
    select
        longer.cik,
        longer.line,
        longer.nature,
        shorter.period_end + 1 as period_start,
        longer.period_end,
        longer.period_end - shorter.period_end as period_days,
        longer.currency,
        longer.concept,
        longer.accession,
        longer.value - shorter.value as value,
        longer.inputs || {{ negated('shorter.inputs') }} as inputs,
        coalesce(
            longer.blank_reason,
            shorter.blank_reason,
            case
                when longer.currency <> shorter.currency then 'mixed_vintage'
                -- The shorter figure changed and the longer one was not reported again since.
                when
                    longer.reported_at < shorter.changed_at
                    and (shorter.version_number > 1 or shorter.is_recast)
                    then 'mixed_vintage'
                -- The longer figure was restated and the shorter one not reported again since.
                when
                    longer.version_number > 1
                    and shorter.reported_at < longer.changed_at
                    -- A recast moves through the comparatives of a year: quarters first.
                    and not (
                        shorter.version_number > 1
                        and shorter.changed_at > longer.changed_at - interval '380 days'
                    )
                    then 'mixed_vintage'
                -- The longer figure is new, in a filing that moved the basis of its comparatives.
                when
                    longer.is_recast
                    and not shorter.is_recast
                    and shorter.reported_at < longer.changed_at
                    then 'mixed_vintage'
                -- What cannot be negative does not shrink within a year.
                when longer.is_never_negative and longer.value < shorter.value
                    then 'check_failed'
                -- Concepts of cash flows differ in scope: with or without discontinued operations.
                when
                    longer.line in ('operating_cash_flow', 'capital_expenditure')
                    and longer.concept <> shorter.concept
                    then 'mixed_vintage'
            end
        ) as blank_reason,
        greatest(longer.known_from, shorter.known_from) as known_from,
        least(longer.known_to, shorter.known_to) as known_to
    from reports as longer
    inner join reports as shorter
        on
            longer.cik = shorter.cik
            and longer.line = shorter.line
            and longer.period_start = shorter.period_start
),

differenced as (
    select
        cik,
        line,
        nature,
        case
            when period_days between 80 and 120 then 'quarter'
            when period_days between 165 and 206 then 'half_year'
            else 'nine_months'
        end as period_type,
        period_start,
        period_end,
        currency,
        concept,
        accession,
        case when blank_reason is null then value end as value,
        'derived' as derivation,
        'difference' as rule,
        inputs,
        blank_reason,
        known_from,
        known_to
    from pairs
    where
        (
            period_days between 80 and 120
            or period_days between 165 and 206
            or period_days between 250 and 290
        )
        and known_from < known_to
)

select * from differenced
