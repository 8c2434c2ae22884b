-- US dollars for one unit of a currency, by day, as a cross rate of the ECB's euro rates.
with rates as (
    select * from {{ ref('stg_ecb__rates') }}
),

crossed as (
    select
        rates.currency,
        rates.rate_date,
        dollar.units_per_eur / rates.units_per_eur as usd_per_unit
    from rates
    inner join rates as dollar
        on
            dollar.currency = 'USD'
            and rates.rate_date = dollar.rate_date
    where rates.currency <> 'USD'
    union all
    select
        'EUR' as currency,
        rate_date,
        units_per_eur as usd_per_unit
    from rates
    where currency = 'USD'
)

select * from crossed
