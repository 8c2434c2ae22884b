-- A robust z-score: 0.6745 makes the median deviation of a normal distribution its standard one.
{% set measured = [
    'revenue_growth_pct',
    'gross_margin_pct',
    'operating_margin_pct',
    'net_margin_pct',
    'fcf_margin_pct',
] %}
with companies as (
    select
        company_id,
        ticker,
        segment,
        {{ measured | join(',\n        ') }}
    from {{ ref('mart_company_performance') }}
    where is_ranked
),

measures as (
    {% for measure in measured %}
    select
        company_id,
        ticker,
        segment,
        '{{ measure }}' as measure,
        {{ measure }} as value
    from companies
    where {{ measure }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

-- Five are the fewest of which one can be far from the others; else all companies are the peers.
placed as (
    select
        *,
        count(*) over (partition by measure, segment) >= 5 as is_of_segment
    from measures
),

members as (
    select
        measure,
        segment as peers,
        true as is_of_segment,
        value
    from measures
    union all
    select
        measure,
        'all' as peers,
        false as is_of_segment,
        value
    from measures
),

medians as (
    select
        measure,
        peers,
        is_of_segment,
        count(*) as peers_count,
        {{ median('value') }} as peers_median
    from members
    group by measure, peers, is_of_segment
),

deviations as (
    select
        m.measure,
        m.peers,
        m.is_of_segment,
        m.peers_count,
        m.peers_median,
        {{ median('abs(o.value - m.peers_median)') }} as peers_deviation
    from medians as m
    inner join members as o
        on
            m.measure = o.measure
            and m.peers = o.peers
            and m.is_of_segment = o.is_of_segment
    where m.peers_count >= 5
    group by m.measure, m.peers, m.is_of_segment, m.peers_count, m.peers_median
),

scored as (
    select
        p.*,
        d.peers,
        d.peers_count,
        d.peers_median,
        d.peers_deviation,
        round(0.6745 * (p.value - d.peers_median) / nullif(d.peers_deviation, 0), 2) as score
    from placed as p
    inner join deviations as d
        on
            p.measure = d.measure
            and p.is_of_segment = d.is_of_segment
            and d.peers = case when p.is_of_segment then p.segment else 'all' end
)

select
    company_id,
    ticker,
    segment,
    measure,
    value,
    peers,
    peers_count,
    round(peers_median, 6) as peers_median,
    round(peers_deviation, 6) as peers_deviation,
    score,
    case when score > 0 then 'above' else 'below' end || ' ' || case
        when is_of_segment then 'its segment' else 'all ranked companies'
    end as reason
from scored
where abs(score) >= 3.5
