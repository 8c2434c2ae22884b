-- Hand-checked cells against what the marts answer, on the first and the last day of each.
with loaded as (
    select
        cik,
        min(known_from) as first_known_from
    from {{ ref('stg_sec__facts') }}
    group by cik
),

moments as (
    select
        truth.*,
        'first' as day_kind,
        {{ end_of_day('truth.known_from') }} as moment,
        {{ end_of_day('truth.known_from') }} as last_moment
    from {{ ref('truth_cells') }} as truth
    union all
    select
        truth.*,
        'last' as day_kind,
        {{ end_of_day('least(truth.known_to - 1, ' ~ as_of() ~ ')') }} as moment,
        -- While the cell holds the last day is the publication's, which the view knows.
        coalesce({{ end_of_day('(truth.known_to - 1)') }}, 'infinity') as last_moment
    from {{ ref('truth_cells') }} as truth
),

answers as (
    select
        moments.cik,
        moments.line,
        moments.period_type,
        moments.period_end,
        moments.known_from as checked_from,
        moments.day_kind,
        moments.last_moment,
        moments.value as truth_value,
        moments.alternatives,
        cells.value as answer_value
    from moments
    inner join loaded
        on
            moments.cik = loaded.cik
            and moments.moment >= loaded.first_known_from
    left join {{ ref('fct_financial_vintages') }} as cells
        on
            moments.cik = cells.cik
            and moments.line = cells.line
            and moments.period_type = cells.period_type
            and moments.period_end = cells.period_end
            and moments.moment >= cells.known_from
            and (moments.moment < cells.known_to or cells.known_to is null)
    where
        moments.moment <= {{ end_of_day(as_of()) }}
        and moments.known_from <= {{ as_of() }}
),

scored as (
    select
        *,
        case
            when answer_value is null and truth_value is null then 'rightly_blank'
            when answer_value = truth_value then 'exact'
            when answer_value::text = any(string_to_array(alternatives, ';')) then 'alternative'
            when answer_value is null and 'EMPTY' = any(string_to_array(alternatives, ';'))
                then 'rightly_blank'
            when answer_value is null then 'abstained'
            when truth_value is null then 'invented'
            else 'wrong'
        end as verdict
    from answers
),

certificate as (
    select
        companies.company_id,
        scored.cik,
        companies.ticker,
        scored.line,
        scored.period_type,
        scored.period_end,
        scored.checked_from,
        scored.day_kind,
        scored.last_moment as scored_at,
        scored.truth_value,
        scored.answer_value,
        scored.verdict
    from scored
    inner join {{ ref('int_companies__listed') }} as companies on scored.cik = companies.cik
)

select * from certificate
