-- All that filings offer for a line: facts and combinations, without slips in a period's dates.
with offered as (
    select
        facts.cik,
        facts.line,
        facts.nature,
        facts.priority,
        facts.concept,
        facts.period_start,
        facts.period_end,
        facts.value,
        facts.accession,
        facts.form,
        facts.filed_date,
        facts.known_from,
        facts.currency,
        facts.length_class,
        'reported' as derivation,
        'reported' as rule,
        jsonb_build_array(facts.fact_id) as inputs
    from {{ ref('int_facts__mapped') }} as facts
    inner join {{ ref('lines') }} as lines on facts.line = lines.line
    where facts.is_reporting_currency
    union all
    select
        cik,
        line,
        nature,
        priority,
        concept,
        period_start,
        period_end,
        value,
        accession,
        form,
        filed_date,
        known_from,
        currency,
        length_class,
        derivation,
        rule,
        inputs
    from {{ ref('int_facts__combined') }}
),

start_use as (
    select
        cik,
        length_class,
        period_end,
        period_start,
        count(distinct accession || line) as use_count
    from offered
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

placed as (
    select
        offered.*,
        min({{ trailing_zeros('offered.value') }}) filter (where offered.value <> 0) over (
            partition by offered.accession, offered.line, offered.concept
        ) as concept_zeros,
        min({{ trailing_zeros('offered.value') }})
        filter (where offered.value <> 0 and offered.rule = 'reported') over (
            partition by offered.accession, offered.line
        ) as line_zeros,
        coalesce(ranked_starts.is_tied, false) as has_two_starts
    from offered
    left join ranked_starts
        on
            offered.cik = ranked_starts.cik
            and offered.length_class = ranked_starts.length_class
            and offered.period_end = ranked_starts.period_end
            and offered.period_start = ranked_starts.period_start
    where offered.period_start is null or ranked_starts.start_rank = 1
),

judged as (
    select
        cik,
        line,
        nature,
        priority,
        concept,
        period_start,
        period_end,
        value,
        accession,
        form,
        filed_date,
        known_from,
        currency,
        length_class,
        derivation,
        rule,
        inputs,
        has_two_starts,
        -- A concept that a filing gives in coarser rounding than another one for the same line
        -- stands in the text of a note, and often for a part only.
        coalesce(
            rule = 'reported'
            and nature not in ('per_share', 'shares')
            and concept_zeros >= line_zeros + 2,
            false
        ) as is_coarse_note
    from placed
)

select * from judged
