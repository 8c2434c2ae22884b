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
    where scope = 'figure'
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
        r.what_to_do
    from figures as f
    cross join rules as r
    left join outliers as o on f.company_id = o.company_id
)

select * from measured
where
    case condition
        when 'at_least' then value >= threshold
        when 'at_most' then value <= threshold
    end
