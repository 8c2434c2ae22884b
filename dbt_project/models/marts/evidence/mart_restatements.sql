with restatements as (
    select
        changes.cik,
        companies.ticker,
        changes.line,
        changes.length_class as period_length,
        changes.period_start,
        changes.period_end,
        changes.known_from,
        changes.restatement_class,
        case when changes.nature <> 'shares' then changes.currency end as currency,
        changes.previous_value,
        changes.value as restated_value,
        changes.value - changes.previous_value as change_amount,
        round((changes.value - changes.previous_value) / nullif(abs(changes.previous_value), 0), 6)
            as change_pct,
        changes.concept,
        changes.previous_concept,
        changes.form,
        changes.accession,
        changes.previous_accession,
        changes.previous_known_from
    from {{ ref('int_restatements__classed') }} as changes
    inner join {{ ref('int_companies__listed') }} as companies on changes.cik = companies.cik
)

select * from restatements
