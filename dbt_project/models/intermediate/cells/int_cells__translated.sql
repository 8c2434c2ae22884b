-- Every cell over time with its dollar twin. A view, as the next model is: the three were one long
-- table written three times.
{{ config(materialized='view', post_hook=[]) }}

with cells as (
    select * from {{ ref('int_cells__rebased') }}
),

filer_dollars as (
    select distinct on (cik, line, concept, period_start, period_end, accession)
        cik,
        line,
        concept,
        period_start,
        period_end,
        accession,
        value as value_usd
    from {{ ref('int_facts__settled') }}
    where currency = 'USD' and not is_reporting_currency
    order by cik, line, concept, period_start, period_end, accession
),

foreign_periods as (
    select distinct
        currency,
        period_type = 'instant' as is_instant,
        period_start,
        period_end
    from cells
    where currency <> 'USD'
),

period_rates as (
    select
        foreign_periods.*,
        rates.usd_per_unit,
        rates.rate_date
    from foreign_periods
    left join lateral (
        select
            -- A currency may be suspended: an average must reach from end to end of the period.
            case
                when
                    foreign_periods.is_instant
                    or (
                        min(rate_date) < foreign_periods.period_start + 7
                        and max(rate_date) > foreign_periods.period_end - 7
                    )
                    then avg(usd_per_unit)
            end as usd_per_unit,
            max(rate_date) as rate_date
        from {{ ref('int_rates__usd') }} as daily
        where
            daily.currency = foreign_periods.currency
            and daily.rate_date <= foreign_periods.period_end
            -- The period's average for flows; the last rate of the closing week for instants.
            and daily.rate_date
            > coalesce(foreign_periods.period_start, foreign_periods.period_end - 7) - 1
            and (
                not foreign_periods.is_instant
                or daily.rate_date = (
                    select max(closing.rate_date)
                    from {{ ref('int_rates__usd') }} as closing
                    where
                        closing.currency = foreign_periods.currency
                        and closing.rate_date <= foreign_periods.period_end
                )
            )
    ) as rates on true
),

with_rates as (
    select
        cells.*,
        period_rates.usd_per_unit,
        period_rates.rate_date,
        filer_dollars.value_usd as filer_value_usd
    from cells
    left join period_rates
        on
            cells.currency = period_rates.currency
            and (cells.period_type = 'instant') = period_rates.is_instant
            and cells.period_start is not distinct from period_rates.period_start
            and cells.period_end = period_rates.period_end
    left join filer_dollars
        on
            cells.cik = filer_dollars.cik
            and cells.line = filer_dollars.line
            and cells.concept = filer_dollars.concept
            and cells.period_start is not distinct from filer_dollars.period_start
            and cells.period_end = filer_dollars.period_end
            and cells.accession = filer_dollars.accession
),

translated as (
    select
        cik,
        line,
        nature,
        period_type,
        period_start,
        period_end,
        case when nature <> 'shares' then currency end as currency,
        value,
        case
            when value is null or nature = 'shares' then null
            when currency = 'USD' then value
            when usd_per_unit is not null then round(value * usd_per_unit, 4)
            else filer_value_usd
        end as value_usd,
        case
            when value is null or nature = 'shares' then null
            when currency = 'USD' then 'none'
            when usd_per_unit is not null and period_type = 'instant' then 'ecb_close'
            when usd_per_unit is not null then 'ecb_average'
            when filer_value_usd is not null then 'filer'
            else 'no_rate'
        end as fx_kind,
        case when currency <> 'USD' and value is not null then usd_per_unit end as fx_rate,
        case when currency <> 'USD' and value is not null then rate_date end as fx_date,
        split_factor,
        basis_changed_since,
        derivation,
        rule,
        inputs,
        concept,
        accession,
        blank_reason,
        known_from,
        known_to
    from with_rates
)

select * from translated
