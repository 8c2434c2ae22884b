-- What each filing says, with cells that its own arithmetic contradicts marked check_failed.
with chosen as (
    select * from {{ ref('int_facts__chosen') }}
),

statements as (
    select
        cik,
        filed_date,
        length_class,
        period_start,
        period_end,
        max(value) filter (where line = 'revenue') as revenue,
        max(value) filter (where line = 'cost_of_revenue') as cost_of_revenue,
        max(value) filter (where line = 'gross_profit') as gross_profit,
        max(value) filter (where line = 'operating_income') as operating_income,
        max(value) filter (
            where
            line in (
                'research_and_development', 'sales_and_marketing', 'general_and_administrative'
            )
        ) as largest_overhead,
        max(value) filter (where line = 'net_income') as net_income,
        max(value) filter (where line = 'eps_basic') as eps_basic,
        max(value) filter (where line = 'eps_diluted') as eps_diluted,
        max(value) filter (where line = 'shares_basic') as shares_basic,
        max(value) filter (where line = 'shares_diluted') as shares_diluted,
        max(value) filter (where line = 'total_assets') as total_assets,
        max(value) filter (where line = 'cash_and_equivalents') as cash_and_equivalents,
        max(value) filter (where line = 'current_assets') as current_assets,
        max(value) filter (where line = 'total_liabilities') as total_liabilities,
        max(value) filter (where line = 'current_liabilities') as current_liabilities
    from chosen
    where blank_reason is null
    group by cik, filed_date, length_class, period_start, period_end
),

-- Only what cannot be true is marked. Where gross profit does not follow from revenue and cost it
-- may from another revenue of the filing, after a provision say: then the cost is sound.
failures as (
    select
        *,
        'gross_profit' as identity,
        case
            when exists (
                select 1
                from {{ ref('int_facts__offered') }} as offered
                where
                    offered.line = 'revenue'
                    and statements.cik = offered.cik
                    and statements.filed_date = offered.filed_date
                    and statements.period_start = offered.period_start
                    and statements.period_end = offered.period_end
                    and not ({{ is_gross_profit_off(
                        'offered.value', 'statements.cost_of_revenue',
                        'statements.gross_profit', 0.05
                    ) }})
            ) then array['gross_profit']
            else array['cost_of_revenue', 'gross_profit']
        end as touched_lines
    from statements
    where {{ is_gross_profit_off('revenue', 'cost_of_revenue', 'gross_profit', 0.05) }}
    union all
    -- Costs that leave the operating income, with overheads beside them, are all costs.
    select
        *,
        'cost_is_not_all_costs' as identity,
        array['cost_of_revenue'] as touched_lines
    from statements
    where
        gross_profit is null
        and largest_overhead > 0
        and abs(revenue - cost_of_revenue - operating_income) <= 0.001 * abs(revenue)
    union all
    select
        *,
        'current_assets_within_total' as identity,
        array['current_assets', 'total_assets'] as touched_lines
    from statements
    where {{ exceeds_its_whole('current_assets', 'total_assets') }}
    union all
    select
        *,
        'cash_within_total' as identity,
        array['cash_and_equivalents', 'total_assets'] as touched_lines
    from statements
    where {{ exceeds_its_whole('cash_and_equivalents', 'total_assets') }}
    union all
    -- A balance sheet without assets is none.
    select
        *,
        'has_assets' as identity,
        array['total_assets'] as touched_lines
    from statements
    where total_assets <= 0
    union all
    select
        *,
        'current_liabilities_within_total' as identity,
        array['current_liabilities', 'total_liabilities'] as touched_lines
    from statements
    where {{ exceeds_its_whole('current_liabilities', 'total_liabilities') }}
    {% for kind in ['basic', 'diluted'] -%}
    union all
    -- A loss is none per share too. A profit may be: what preferred shares get is not in it.
    select
        *,
        '{{ kind }}_loss_per_share' as identity,
        array['eps_{{ kind }}'] as touched_lines
    from statements
    where net_income < 0 and eps_{{ kind }} > 0
    union all
    select
        *,
        'has_{{ kind }}_shares' as identity,
        array['shares_{{ kind }}'] as touched_lines
    from statements
    where shares_{{ kind }} <= 0
    union all
    select
        *,
        '{{ kind }}_shares' as identity,
        array['shares_{{ kind }}'] as touched_lines
    from statements
    where {{ is_miscounted('net_income', 'eps_' ~ kind, 'shares_' ~ kind) }}
    union all
    select
        *,
        '{{ kind }}_earnings_per_share' as identity,
        array['eps_{{ kind }}', 'shares_{{ kind }}'] as touched_lines
    from statements
    where
        {{ is_out_of_scale('net_income', 'eps_' ~ kind, 'shares_' ~ kind) }}
        and not ({{ is_miscounted('net_income', 'eps_' ~ kind, 'shares_' ~ kind) }})
    {% endfor -%}
),

failed_lines as (
    select
        failures.cik,
        failures.filed_date,
        failures.length_class,
        failures.period_start,
        failures.period_end,
        touched.line,
        min(failures.identity) as failed_identity
    from failures
    cross join lateral unnest(failures.touched_lines) as touched (line)
    group by
        failures.cik, failures.filed_date, failures.length_class, failures.period_start,
        failures.period_end, touched.line
),

checked as (
    select
        chosen.cik,
        chosen.line,
        chosen.nature,
        chosen.length_class,
        chosen.period_start,
        chosen.period_end,
        chosen.currency,
        chosen.concept,
        chosen.is_secondary,
        chosen.accession,
        chosen.form,
        chosen.filed_date,
        chosen.known_from,
        chosen.value,
        chosen.derivation,
        chosen.rule,
        chosen.inputs,
        failed_lines.failed_identity,
        coalesce(
            chosen.blank_reason,
            case when failed_lines.failed_identity is not null then 'check_failed' end
        ) as blank_reason
    from chosen
    left join failed_lines
        on
            chosen.cik = failed_lines.cik
            and chosen.line = failed_lines.line
            and chosen.filed_date = failed_lines.filed_date
            and chosen.period_start is not distinct from failed_lines.period_start
            and chosen.period_end = failed_lines.period_end
)

select * from checked
