-- Revenue of each part beside that of the year before, where both are of one cut: of one filing, or
-- of two that agree on the later period. A renamed or re-cut part breaks its series.
with parts as (
    select * from {{ ref('mart_segments') }}
    where line = 'revenue'
),

tagged as (
    select * from {{ ref('int_segments__tagged') }}
    where line = 'revenue'
),

-- Everything that is told of the period a year before, by any filing.
told_before as (
    select
        parts.company_id,
        parts.breakdown,
        parts.member,
        parts.currency,
        parts.period_start,
        parts.period_end,
        parts.value,
        earlier.accession,
        earlier.accession = parts.accession as is_same_filing,
        earlier.known_from,
        earlier.end_date,
        max(earlier.value) filter (
            where earlier.member = parts.member and earlier.concept = parts.concept
        ) as value_before
    from parts
    inner join tagged as earlier
        on
            parts.company_id = earlier.company_id
            and parts.breakdown = earlier.breakdown
            and parts.currency = earlier.unit
            and parts.period_type = earlier.period_type
            and earlier.end_date between parts.period_end - 385 and parts.period_end - 345
    group by
        parts.company_id, parts.breakdown, parts.member, parts.currency, parts.period_start,
        parts.period_end, parts.value, parts.concept, parts.accession, earlier.accession,
        earlier.known_from, earlier.end_date
),

-- The filing of the figure itself goes first, then the newest.
year_before as (
    select distinct on (company_id, breakdown, member, currency, period_start, period_end) *
    from told_before
    order by
        company_id asc,
        breakdown asc,
        member asc,
        currency asc,
        period_start asc,
        period_end asc,
        is_same_filing desc,
        known_from desc,
        accession desc,
        end_date desc
),

linked as (
    select
        parts.company_id,
        parts.ticker,
        parts.breakdown,
        parts.member,
        parts.name,
        parts.period_type,
        parts.period_start,
        parts.period_end,
        parts.currency,
        parts.value as revenue,
        parts.total as company_revenue,
        parts.share_pct,
        round(parts.unexplained / nullif(parts.total, 0), 6) as unexplained_pct,
        case
            when year_before.is_same_filing or same_cut.value = parts.value
                then year_before.value_before
        end as revenue_year_before,
        year_before.accession as accession_before,
        parts.accession,
        parts.url,
        parts.known_from
    from parts
    left join year_before
        on
            parts.company_id = year_before.company_id
            and parts.breakdown = year_before.breakdown
            and parts.member = year_before.member
            and parts.currency = year_before.currency
            and parts.period_start = year_before.period_start
            and parts.period_end = year_before.period_end
    -- What the other filing says of this very period.
    left join tagged as same_cut
        on
            parts.company_id = same_cut.company_id
            and parts.breakdown = same_cut.breakdown
            and parts.member = same_cut.member
            and parts.concept = same_cut.concept
            and parts.currency = same_cut.unit
            and parts.period_start = same_cut.start_date
            and parts.period_end = same_cut.end_date
            and year_before.accession = same_cut.accession
)

select
    company_id,
    ticker,
    breakdown,
    member,
    name,
    period_type,
    period_start,
    period_end,
    currency,
    revenue,
    revenue_year_before,
    case
        when revenue_year_before > 0 then round(revenue / revenue_year_before - 1, 6)
    end as growth_pct,
    case
        when accession_before is null then 'no_year_before'
        when revenue_year_before is null then 'segments_recut'
        when revenue_year_before <= 0 then 'not_positive'
    end as growth_blank_reason,
    company_revenue,
    share_pct,
    unexplained_pct,
    abs(unexplained_pct) <= 0.01 as adds_up,
    case
        when company_revenue is null then 'no_figures'
        when company_revenue = 0 then 'not_positive'
    end as share_blank_reason,
    accession,
    url,
    known_from
from linked
