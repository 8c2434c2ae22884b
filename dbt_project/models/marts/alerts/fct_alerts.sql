-- A rule names its column, so that the row is asked by name; what is true or of that word is 1.
with figures as (
    select
        company_id,
        ticker,
        to_jsonb(p) as figure
    from {{ ref('mart_company_performance') }} as p
),

outliers as (
    select
        company_id,
        max(abs(score)) as anomaly_score
    from {{ ref('mart_anomalies') }}
    group by company_id
),

rules as (
    select
        *,
        split_part(measure, '=', 1) as column_name,
        nullif(split_part(measure, '=', 2), '') as word
    from {{ ref('alert_rules') }}
    where scope in ('figure', 'line')
),

-- What a company itself says otherwise, as far as it may matter; splits and slips of tags do not.
restated as (
    select
        *,
        (known_from at time zone 'America/New_York')::date + 30 as stands_until
    from {{ ref('mart_restatements') }}
    where
        restatement_class in ('amendment', 'error_correction', 'recast', 'reclassification')
        and is_material is not false
        and known_from > {{ end_of_day(as_of() ~ ' - 31') }}
),

measured as (
    select
        f.company_id,
        f.ticker,
        r.alert,
        r.measure,
        case
            when r.measure = 'anomaly_score' then o.anomaly_score
            when r.word is not null then (f.figure ->> r.column_name = r.word)::integer
            when jsonb_typeof(f.figure -> r.column_name) = 'boolean'
                then (f.figure ->> r.column_name)::boolean::integer
            else (f.figure ->> r.column_name)::numeric
        end as value,
        r.condition,
        r.threshold::numeric as threshold,
        r.what_to_do,
        null::text as line,
        null::text as period_length,
        null::date as period_end,
        null::text as currency,
        null::numeric as previous_value,
        null::numeric as restated_value,
        null::timestamp with time zone as known_from,
        null::date as stands_until
    from figures as f
    cross join rules as r
    left join outliers as o on f.company_id = o.company_id
    where r.scope = 'figure'
    union all
    select
        f.company_id,
        f.ticker,
        r.alert,
        r.measure,
        abs(c.change_pct) as value,
        r.condition,
        r.threshold::numeric,
        r.what_to_do,
        c.line,
        c.period_length,
        c.period_end,
        c.currency,
        c.previous_value,
        c.restated_value,
        c.known_from,
        c.stands_until
    from figures as f
    inner join restated as c on f.company_id = c.company_id
    inner join rules as r on coalesce(r.word, c.line) = c.line
    where r.scope = 'line'
),

beyond as (
    select *
    from measured
    where
        case condition
            when 'at_least' then value >= threshold
            when 'at_most' then value <= threshold
        end
),

-- Of a company's filings that restated beyond a rule the newest is told, by its largest change.
placed as (
    select
        *,
        nullif(count(line) over filings, 0)::integer as cell_count,
        row_number() over (
            partition by company_id, alert
            order by known_from desc, value desc, line asc, period_end desc, period_length asc
        ) as place
    from beyond
    window filings as (partition by company_id, alert, known_from)
)

select
    company_id,
    ticker,
    alert,
    measure,
    value,
    condition,
    threshold,
    what_to_do,
    line,
    period_length,
    period_end,
    currency,
    previous_value,
    restated_value,
    known_from,
    stands_until,
    cell_count
from placed
where place = 1
