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
        case when facts.fact_sign < 0 then 'derived' else 'reported' end as derivation,
        case when facts.fact_sign < 0 then 'sign_corrected' else 'reported' end as rule,
        jsonb_build_array(facts.fact_sign * facts.fact_id) as inputs,
        facts.is_sign_unclear
    from {{ ref('int_facts__signed') }} as facts
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
        inputs,
        false as is_sign_unclear
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

-- Of two starts for one end in a filing the one that more lines have.
filing_starts as (
    select
        cik,
        accession,
        length_class,
        period_end,
        period_start,
        count(distinct line) as line_count
    from offered
    where period_start is not null
    group by cik, accession, length_class, period_end, period_start
),

ranked_starts as (
    select
        filing_starts.*,
        rank() over one_end as start_rank,
        count(*) over (
            partition by
                filing_starts.cik, filing_starts.accession, filing_starts.length_class,
                filing_starts.period_end, filing_starts.line_count
        ) > 1 as is_tied
    from filing_starts
    inner join fiscal_ends
        on
            filing_starts.cik = fiscal_ends.cik
            and filing_starts.length_class = fiscal_ends.length_class
            and filing_starts.period_end = fiscal_ends.period_end
            and filing_starts.period_start = fiscal_ends.period_start
    window one_end as (
        partition by
            filing_starts.cik, filing_starts.accession, filing_starts.length_class,
            filing_starts.period_end
        order by filing_starts.line_count desc
    )
),

-- A balance sheet is of a day on which the filer's periods end, or before which they begin.
balance_days as (
    select
        cik,
        day,
        min(filed_date) as first_filed
    from (
        select
            cik,
            period_end as day,
            filed_date
        from offered
        where period_start is not null
        union all
        select
            cik,
            period_start - 1 as day,
            filed_date
        from offered
        where period_start is not null
    ) as days
    group by cik, day
),

placed as (
    select
        offered.*,
        coalesce(ranked_starts.is_tied, false) as has_two_starts
    from offered
    left join ranked_starts
        on
            offered.cik = ranked_starts.cik
            and offered.accession = ranked_starts.accession
            and offered.length_class = ranked_starts.length_class
            and offered.period_end = ranked_starts.period_end
            and offered.period_start = ranked_starts.period_start
    left join balance_days
        on
            offered.period_start is null
            and offered.cik = balance_days.cik
            and offered.period_end = balance_days.day
            and offered.filed_date >= balance_days.first_filed
    where
        case
            when offered.period_start is null then balance_days.cik is not null
            else ranked_starts.start_rank = 1
        end
),

{{ coarse_notes_of('placed') }}

judged as (
    select
        placed.*,
        coarse_notes.concept is not null as is_coarse_note
    from placed
    left join coarse_notes
        on
            placed.cik = coarse_notes.cik
            and placed.accession = coarse_notes.accession
            and placed.line = coarse_notes.line
            and placed.concept = coarse_notes.concept
)

select * from judged
