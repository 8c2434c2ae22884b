-- Changes of reported values, each with the kind of change that it is.
with versions as (
    select
        *,
        lag(value) over cell as previous_value,
        lag(currency) over cell as previous_currency,
        lag(value, 2) over cell as value_before_previous,
        lag(concept) over cell as previous_concept,
        lag(accession) over cell as previous_accession,
        lag(known_from) over cell as previous_known_from
    from {{ ref('int_reports__versioned') }}
    where is_change and blank_reason is null
    window cell as (
        partition by cik, line, length_class, period_end order by known_from
    )
),

changed as (
    select *
    from versions
    where previous_value is not null and value <> previous_value
),

-- The totals of a statement: where they stand, a change among the other lines moved something.
unmoved_totals as (
    select distinct
        cik,
        reported_in,
        length_class,
        period_start,
        period_end
    from {{ ref('int_reports__versioned') }}
    where line in ('net_income', 'total_assets') and not is_change
),

with_discontinued as (
    select distinct
        cik,
        accession
    from {{ ref('stg_sec__facts') }}
    where concept like 'IncomeLossFromDiscontinuedOperations%' and value <> 0
),

split_changes as (
    select distinct
        changed.cik,
        changed.line,
        changed.length_class,
        changed.period_end,
        changed.known_from
    from changed
    inner join {{ ref('int_splits__known') }} as splits
        on
            changed.cik = splits.cik
            and splits.known_from between changed.previous_known_from - interval '30 days'
            and changed.known_from + interval '30 days'
    where
        (
            changed.nature = 'shares'
            and changed.value / nullif(changed.previous_value, 0) / splits.split_ratio
            between 0.9 and 1.1
        )
        or (
            changed.nature = 'per_share'
            -- Rounded to a cent before and after.
            and abs(changed.value * splits.split_ratio - changed.previous_value)
            <= 0.005 * splits.split_ratio + 0.011
        )
),

-- What another period of the year around has to four digits: a table under the wrong days.
misdated as (
    select distinct
        changed.cik,
        changed.line,
        changed.length_class,
        changed.period_end,
        changed.known_from
    from changed
    inner join {{ ref('int_reports__versioned') }} as others
        on
            changed.cik = others.cik
            and changed.line = others.line
            and changed.length_class = others.length_class
            and changed.currency = others.currency
            and others.value in (changed.value, changed.previous_value)
            and abs(others.period_end - changed.period_end) between 21 and 380
    where
        changed.nature in ('flow', 'stock')
        and others.blank_reason is null
        and length(rtrim(trunc(abs(others.value))::text, '0')) >= 4
),

classed as (
    select
        changed.*,
        case
            when changed.currency <> changed.previous_currency then 'currency'
            when split_changes.cik is not null then 'split'
            when changed.value = changed.value_before_previous then 'flip_back'
            when {{ is_off_by_thousands('changed.value', 'changed.previous_value', 0.0005) }}
                then 'scale_slip'
            when misdated.cik is not null then 'tag_slip'
            when changed.form like '%/A' then 'amendment'
            when
                abs(changed.value - changed.previous_value) * 2
                <= least(
                    greatest(
                        {{ last_digit('changed.value') }},
                        {{ last_digit('changed.previous_value') }}
                    ),
                    -- Amounts per share are given to a cent: 1.7 is 1.70.
                    case when changed.nature = 'per_share' then 0.01 end
                )
                then 'rounding'
            when changed.concept <> changed.previous_concept then 'retag'
            when changed.form in ('8-K', '6-K') then 'recast'
            when unmoved_totals.cik is not null and with_discontinued.accession is not null
                then 'recast'
            when unmoved_totals.cik is not null then 'reclassification'
            else 'error_correction'
        end as restatement_class
    from changed
    left join split_changes
        on
            changed.cik = split_changes.cik
            and changed.line = split_changes.line
            and changed.length_class = split_changes.length_class
            and changed.period_end = split_changes.period_end
            and changed.known_from = split_changes.known_from
    left join misdated
        on
            changed.cik = misdated.cik
            and changed.line = misdated.line
            and changed.length_class = misdated.length_class
            and changed.period_end = misdated.period_end
            and changed.known_from = misdated.known_from
    left join unmoved_totals
        on
            changed.cik = unmoved_totals.cik
            and changed.accession = unmoved_totals.reported_in
            and changed.period_start is not distinct from unmoved_totals.period_start
            and changed.period_end = unmoved_totals.period_end
    left join with_discontinued
        on
            changed.cik = with_discontinued.cik
            and changed.accession = with_discontinued.accession
)

select * from classed
