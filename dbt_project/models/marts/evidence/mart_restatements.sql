-- Changes of reported values with their kind, their size and whether they matter.
with classed as (
    select *
    from {{ ref('int_restatements__classed') }}
),

-- What a change is measured by beside its line: net income of its period, or assets of its day.
sizes as (
    select
        cik,
        case line when 'net_income' then 'flow' else 'stock' end as measures,
        length_class,
        period_end,
        value,
        known_from,
        known_to
    from {{ ref('int_reports__versioned') }}
    where line in ('net_income', 'total_assets') and blank_reason is null
),

restatements as (
    select
        companies.company_id,
        classed.cik,
        companies.ticker,
        classed.line,
        classed.length_class as period_length,
        classed.period_start,
        classed.period_end,
        classed.known_from,
        classed.restatement_class,
        case when classed.nature <> 'shares' then classed.currency end as currency,
        classed.previous_value,
        classed.value as restated_value,
        case
            when classed.restatement_class <> 'currency'
                then classed.value - classed.previous_value
        end as change_amount,
        case
            when classed.restatement_class <> 'currency'
                then round(
                    (classed.value - classed.previous_value)
                    / nullif(abs(classed.previous_value), 0), 6
                )
        end as change_pct,
        case
            when classed.restatement_class = 'currency' then null
            when classed.restatement_class in ('split', 'rounding') then false
            when abs(classed.value - classed.previous_value) < 0.05 * abs(classed.previous_value)
                then false
            when classed.nature = 'flow'
                then abs(classed.value - classed.previous_value) >= 0.05 * abs(sizes.value)
            when classed.nature = 'stock'
                then abs(classed.value - classed.previous_value) >= 0.01 * abs(sizes.value)
            else true
        end as is_material,
        {{ tag_or_null('classed.concept') }} as concept,
        {{ tag_or_null('classed.previous_concept') }} as previous_concept,
        classed.form,
        classed.accession,
        classed.previous_accession,
        classed.previous_known_from
    from classed
    left join sizes
        on
            classed.cik = sizes.cik
            and classed.nature = sizes.measures
            and classed.length_class = sizes.length_class
            and classed.period_end = sizes.period_end
            and classed.known_from >= sizes.known_from
            and classed.known_from < sizes.known_to
    inner join {{ ref('int_companies__listed') }} as companies on classed.cik = companies.cik
)

select * from restatements
