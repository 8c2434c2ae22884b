-- The parts of revenue and profit as the newest filing tells them, and whether they add up.
with tagged as (
    select * from {{ ref('int_segments__tagged') }}
),

-- A period is told by one filing, so that its parts are of one account: the newest that tells it.
newest as (
    select distinct on (company_id, line, breakdown, unit, start_date, end_date)
        company_id,
        line,
        breakdown,
        unit,
        start_date,
        end_date,
        accession
    from tagged
    order by
        company_id asc,
        line asc,
        breakdown asc,
        unit asc,
        start_date asc,
        end_date asc,
        known_from desc,
        accession desc
),

parts as (
    select
        tagged.company_id,
        tagged.ticker,
        tagged.line,
        tagged.breakdown,
        tagged.member,
        regexp_replace(
            regexp_replace(split_part(tagged.member, ':', 2), '(Segment)?Member$', ''),
            '(?<=[a-z])(?=[A-Z])', ' ', 'g'
        ) as name,
        tagged.period_type,
        tagged.start_date as period_start,
        tagged.end_date as period_end,
        tagged.unit as currency,
        tagged.value,
        tagged.total,
        sum(tagged.value) over (
            partition by
                tagged.company_id, tagged.line, tagged.breakdown, tagged.unit, tagged.start_date,
                tagged.end_date
        ) as parts_total,
        tagged.concept,
        tagged.accession,
        tagged.url,
        tagged.known_from
    from tagged
    inner join newest
        on
            tagged.company_id = newest.company_id
            and tagged.line = newest.line
            and tagged.breakdown = newest.breakdown
            and tagged.unit = newest.unit
            and tagged.start_date = newest.start_date
            and tagged.end_date = newest.end_date
            and tagged.accession = newest.accession
),

judged as (
    select
        *,
        total - parts_total as unexplained,
        round(value / nullif(total, 0), 6) as share_pct,
        coalesce(total = parts_total, false) as is_complete
    from parts
)

select * from judged
