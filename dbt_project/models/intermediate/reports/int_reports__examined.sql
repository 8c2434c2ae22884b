-- Every report of a cell with what speaks against taking it, as far as was known when it was filed.
with checked as (
    select *
    from {{ ref('int_reports__checked') }}
),

chosen as (
    select
        checked.cik,
        checked.line,
        checked.nature,
        checked.length_class,
        checked.period_start,
        checked.period_end,
        checked.currency,
        checked.concept,
        checked.is_secondary,
        checked.accession,
        checked.form,
        checked.filed_date,
        checked.known_from,
        checked.value,
        checked.derivation,
        checked.rule,
        checked.inputs,
        checked.failed_identity,
        coalesce(checked.blank_reason, slipped.blank_reason) as blank_reason,
        slipped.refused_reason as slip_reason
    from checked
    left join {{ ref('int_reports__slipped') }} as slipped
        on
            checked.cik = slipped.cik
            and checked.line = slipped.line
            and checked.length_class = slipped.length_class
            and checked.period_end = slipped.period_end
            and checked.accession = slipped.accession
),

-- What the same filing's longer period, less the rest of it, says of a cell.
implied as (
    select
        cell.cik,
        cell.line,
        cell.accession,
        cell.length_class,
        cell.period_start,
        cell.period_end,
        min(longer.value - rest.value) as implied_value,
        max(longer.value - rest.value) as other_implied_value
    from chosen as cell
    inner join {{ ref('lines') }} as lines on cell.line = lines.line and lines.is_additive
    inner join chosen as longer
        on
            cell.cik = longer.cik
            and cell.accession = longer.accession
            and cell.line = longer.line
            and cell.period_start = longer.period_start
            and cell.period_end < longer.period_end
    inner join chosen as rest
        on
            cell.cik = rest.cik
            and cell.accession = rest.accession
            and cell.line = rest.line
            and cell.period_end + 1 = rest.period_start
            and longer.period_end = rest.period_end
    group by
        cell.cik, cell.line, cell.accession, cell.length_class, cell.period_start,
        cell.period_end
),

examined as (
    select
        chosen.*,
        implied.implied_value,
        lag(chosen.value) over cell as reported_before,
        lag(chosen.concept) over cell as concept_before,
        -- An amendment may repeat the slip; what was reported first still stands against it.
        first_value(chosen.value) over (
            cell rows between unbounded preceding and 1 preceding
        ) as reported_first,
        coalesce(
            bool_or(not chosen.is_secondary) over (
                cell rows between unbounded preceding and 1 preceding
            ),
            false
        ) as has_face_value,
        coalesce(
            bool_or(chosen.blank_reason is null) over (
                cell rows between unbounded preceding and 1 preceding
            ),
            false
        ) as has_sound_value
    from chosen
    left join implied
        on
            chosen.cik = implied.cik
            and chosen.line = implied.line
            and chosen.accession = implied.accession
            and chosen.length_class = implied.length_class
            and chosen.period_start = implied.period_start
            and chosen.period_end = implied.period_end
            and implied.implied_value = implied.other_implied_value
    window cell as (
        partition by chosen.cik, chosen.line, chosen.length_class, chosen.period_end
        order by chosen.filed_date
    )
),

judged as (
    select
        *,
        case
            -- A side concept, where the filing has a better one for this line, restates nothing.
            when is_secondary and has_face_value and concept <> concept_before then 'side_concept'
            -- A change that the filing's own longer period refutes, and that period bears out
            -- what was reported before, is the filer's slip.
            when
                abs(value - implied_value) > 0.01 * abs(implied_value)
                and least(
                    abs(reported_before - implied_value), abs(reported_first - implied_value)
                ) <= 0.01 * abs(implied_value)
                then 'refuted_slip'
            when slip_reason is not null then slip_reason
            -- What contradicts its own statement does not win over what did not.
            when
                has_sound_value
                and (
                    blank_reason in ('check_failed', 'sign_unclear')
                    or (blank_reason = 'slip_refused' and nature = 'shares')
                )
                then blank_reason
        end as refused_reason
    from examined
)

select * from judged
