-- Settled facts with a minus turned where nothing can be negative and tagging is proven to be why.
with facts as (
    select *
    from {{ ref('int_facts__settled') }}
),

fillable as (
    select
        line,
        is_never_negative
    from {{ ref('lines') }}
    union all
    select
        part as line,
        is_never_negative
    from {{ ref('line_parts') }}
),

-- How often a filer had given a concept below and above zero, up to each day of filing.
tagged as (
    select
        facts.cik,
        facts.line,
        facts.concept,
        facts.filed_date,
        count(*) filter (where facts.value < 0) as below_zero,
        count(*) filter (where facts.value > 0) as above_zero
    from facts
    inner join fillable on facts.line = fillable.line and fillable.is_never_negative
    group by facts.cik, facts.line, facts.concept, facts.filed_date
),

habits as (
    select
        cik,
        line,
        concept,
        filed_date,
        sum(below_zero) over days as below_zero,
        sum(above_zero) over days as above_zero
    from tagged
    window days as (partition by cik, line, concept order by filed_date)
),

suspects as (
    select
        facts.fact_id,
        facts.cik,
        facts.line,
        facts.accession,
        facts.length_class,
        facts.period_end,
        facts.value,
        habits.below_zero >= 3 and habits.above_zero = 0 as is_habit
    from facts
    inner join habits
        on
            facts.cik = habits.cik
            and facts.line = habits.line
            and facts.concept = habits.concept
            and facts.filed_date = habits.filed_date
    where facts.value < 0
),

-- What the same statement says beside them.
statements as (
    select
        suspects.cik,
        suspects.accession,
        suspects.length_class,
        suspects.period_end,
        max(facts.value) filter (where facts.line = 'revenue') as revenue,
        max(facts.value) filter (where facts.line = 'gross_profit') as gross_profit,
        max(facts.value) filter (where facts.line = 'operating_income') as operating_income,
        max(facts.value) filter (where facts.line = 'pretax_income') as pretax_income
    from (
        select distinct
            cik,
            accession,
            length_class,
            period_end
        from suspects
    ) as suspects
    inner join facts
        on
            suspects.cik = facts.cik
            and suspects.accession = facts.accession
            and suspects.length_class = facts.length_class
            and suspects.period_end = facts.period_end
            and facts.is_reporting_currency
    group by suspects.cik, suspects.accession, suspects.length_class, suspects.period_end
),

verdicts as (
    select
        suspects.cik,
        suspects.fact_id,
        suspects.line,
        -- A filer that has never given it above zero tags what it subtracts with a minus.
        suspects.is_habit
        or coalesce(
            case
                when suspects.line = 'cost_of_revenue'
                    then
                        abs(statements.revenue + suspects.value - statements.gross_profit)
                        <= 0.005 * abs(statements.revenue)
                when suspects.line = 'interest_expense'
                    then
                        abs(
                            statements.operating_income + suspects.value
                            - statements.pretax_income
                        ) <= 0.05 * abs(suspects.value)
            end, false
        ) as is_turned
    from suspects
    inner join statements
        on
            suspects.cik = statements.cik
            and suspects.accession = statements.accession
            and suspects.length_class = statements.length_class
            and suspects.period_end = statements.period_end
),

signed as (
    select
        facts.fact_id,
        facts.cik,
        facts.line,
        facts.nature,
        facts.priority,
        facts.concept,
        facts.unit,
        facts.period_start,
        facts.period_end,
        case when verdicts.is_turned then -facts.value else facts.value end as value,
        case when verdicts.is_turned then -1 else 1 end as fact_sign,
        coalesce(not verdicts.is_turned, false) as is_sign_unclear,
        facts.accession,
        facts.form,
        facts.filed_date,
        facts.known_from,
        facts.currency,
        facts.length_class,
        facts.is_reporting_currency
    from facts
    left join verdicts
        on
            facts.cik = verdicts.cik
            and facts.fact_id = verdicts.fact_id
            and facts.line = verdicts.line
)

select * from signed
