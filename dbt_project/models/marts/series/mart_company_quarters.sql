with measured as (
    select
        *,
        row_number() over (partition by cik order by period_end desc)::integer as newest_first
    from {{ ref('int_series__measured') }}
),

final as (
    select
        company_id,
        cik,
        ticker,
        newest_first,
        period_end,
        fiscal_year,
        fiscal_quarter,
        -- The calendar quarter that most of the quarter's days lie in: that of its middle.
        to_char(period_end - 45, 'YYYY"Q"Q') as calendar_quarter,
        abs(
            period_end
            - (date_trunc('quarter', (period_end - 45)::timestamp) + interval '3 months')::date + 1
        ) <= 7 as is_calendar_aligned,
        currency,
        known_from,
        revenue_quarter,
        revenue_quarter_usd,
        revenue_ttm,
        revenue_ttm_usd,
        {% for measure in measures() -%}
        {{ measure.published }},
        {% endfor -%}
        jsonb_strip_nulls(
            jsonb_build_object(
                {% for measure in measures() -%}
                '{{ measure.name }}',
                case when {{ measure.name }} is null then {{ measure.name }}_reason end
                {{- ',' if not loop.last }}
                {% endfor -%}
            )
        ) as blank_reasons
    from measured
    where newest_first <= 12
)

select * from final
