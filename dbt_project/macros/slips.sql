{# The kinds of slips that int_reports__slipped tells apart: each macro gives the named queries of one
   kind, which read that model's `reports`, `news` (reports that say something new) and
   `first_reports`. #}

{# A query's rows of one report, joined to `news` by the report, the columns and the conditions. #}
{% macro of_the_report(
    name, columns=['line', 'length_class', 'period_end'], conditions=[]
) -%}
    left join {{ name }}
        on
            news.cik = {{ name }}.cik
            and news.accession = {{ name }}.accession
            {%- for column in columns %}
            and news.{{ column }} = {{ name }}.{{ column }}
            {%- endfor %}
            {%- for condition in conditions %}
            and {{ condition }}
            {%- endfor %}
{%- endmacro %}

{# A column of a table under the days of another: another period's value. #}
{% macro misdated_slips() -%}
-- The value of another period of the year around it, as that one was first filed: a column of a
-- table tagged with the wrong days.
like_neighbours as (
    select distinct
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        length(rtrim(trunc(abs(news.value))::text, '0')) as digits
    from news
    inner join first_reports as other
        on
            news.cik = other.cik
            and news.line = other.line
            and news.length_class = other.length_class
            and news.value = other.value
            and other.period_end between news.period_end - 380 and news.period_end + 380
            and news.filed_date > other.filed_date
    where
        news.nature in ('flow', 'stock')
        and news.value is distinct from news.reported_first
),

-- Two digits are the same by chance, but not beside other such values of the filing.
neighbours as (
    select *
    from (
        select
            *,
            max(digits) over (partition by cik, accession, length_class) as most_digits
        from like_neighbours
    ) as with_others
    where most_digits >= 3
),

-- Amounts per share and counts repeat by chance: they follow the amounts of their period.
neighbour_periods as (
    select distinct
        cik,
        length_class,
        period_end,
        accession
    from neighbours
    where line in ('revenue', 'net_income')
),

-- Lines of which a filing tags one such period tag others like it.
neighbour_lines as (
    select distinct
        neighbours.cik,
        neighbours.line,
        neighbours.length_class,
        neighbours.accession
    from neighbours
    inner join news
        on
            neighbours.cik = news.cik
            and neighbours.line = news.line
            and neighbours.length_class = news.length_class
            and neighbours.period_end = news.period_end
            and neighbours.accession = news.accession
    where news.is_change
),
{%- endmacro %}

{# What a longer period of the filing, less the rest of it, says of a report. #}
{% macro implied_values() -%}
-- A longer period of the filing, less the rest of it as it was known by then.
implied as (
    select distinct on (news.cik, news.line, news.length_class, news.period_end, news.accession)
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession,
        longer.value - rest.value as implied_value
    from news
    inner join reports as longer
        on
            news.cik = longer.cik
            and news.line = longer.line
            and news.accession = longer.accession
            and news.length_class <> longer.length_class
            and longer.period_start <= news.period_start
            and longer.period_end >= news.period_end
    inner join reports as rest
        on
            news.cik = rest.cik
            and news.line = rest.line
            and (
                (
                    news.period_end = longer.period_end
                    and longer.period_start = rest.period_start
                    and rest.period_end = news.period_start - 1
                )
                or (
                    news.period_start = longer.period_start
                    and longer.period_end = rest.period_end
                    and rest.period_start = news.period_end + 1
                )
            )
            and news.filed_date >= rest.filed_date
            and rest.blank_reason is null
    where news.is_additive and longer.blank_reason is null
    order by
        news.cik, news.line, news.length_class, news.period_end, news.accession,
        rest.filed_date desc, longer.period_start, longer.period_end, rest.period_start,
        rest.length_class
),

-- Quarters that a filing states for a whole year, and that add up to it, contradict nothing.
whole_years as (
    select
        years.cik,
        years.line,
        years.accession,
        years.period_start,
        years.period_end
    from reports as years
    inner join reports as quarters
        on
            years.cik = quarters.cik
            and years.line = quarters.line
            and years.accession = quarters.accession
            and quarters.period_start >= years.period_start
            and years.period_end >= quarters.period_end
    where
        years.length_class = 'annual'
        and quarters.length_class = 'quarter'
        and years.is_additive
    group by years.cik, years.line, years.accession, years.period_start, years.period_end
    having
        count(*) = 4
        and abs(max(years.value) - sum(quarters.value))
        <= 0.01 * greatest(max(abs(years.value)), max(abs(quarters.value)))
),
{%- endmacro %}

{# Balances of another basis than what the balance sheet itself proved. #}
{% macro other_basis_slips() -%}
-- A balance total that earlier filings proved by their other side, and this one does not.
proven_balances as (
    select distinct
        cik,
        period_end,
        value,
        filed_date,
        accession
    from {{ ref('int_facts__settled') }}
    where line = 'liabilities_and_equity' and is_reporting_currency
),

unproven_balances as (
    select
        news.cik,
        news.period_end,
        news.value,
        min(news.filed_date) as filed_date
    from news
    inner join proven_balances as before
        on
            news.cik = before.cik
            and news.period_end = before.period_end
            and news.reported_before = before.value
            and news.filed_date > before.filed_date
    left join proven_balances as own
        on
            news.cik = own.cik
            and news.accession = own.accession
            and news.period_end = own.period_end
            and news.value = own.value
    where
        news.line = 'total_assets'
        and news.is_change
        and news.reported_before = news.reported_before_that
        and own.cik is null
    group by news.cik, news.period_end, news.value
),

other_balances as (
    select distinct
        reports.cik,
        reports.accession,
        reports.period_end
    from reports
    inner join unproven_balances
        on
            reports.cik = unproven_balances.cik
            and reports.period_end = unproven_balances.period_end
            and reports.value = unproven_balances.value
            and reports.filed_date >= unproven_balances.filed_date
    left join proven_balances as own
        on
            reports.cik = own.cik
            and reports.accession = own.accession
            and reports.period_end = own.period_end
            and reports.value = own.value
    where reports.line = 'total_assets' and own.cik is null
),
{%- endmacro %}

{# Amounts and counts given in thousands or millions as if they were whole. #}
{% macro scale_slips() -%}
-- Exactly a thousandth or a millionth of what was known: an amount in thousands given as it stands
-- in the table. More than what was known is how such a slip is mended.
scaled as (
    select
        cik,
        line,
        length_class,
        period_end,
        accession,
        nature = 'shares' as is_count,
        round(log(abs(nullif(value, 0) / nullif(reported_before, 0)))) as exponent
    from news
    where
        is_change
        and nature <> 'per_share'
        and abs(value) < abs(reported_before)
        and {{ is_off_by_thousands('value', 'reported_before', 0.0005) }}
),

scaled_filings as (
    select distinct
        cik,
        accession,
        is_count,
        exponent
    from scaled
),

-- Other periods of such a length stand in the same table.
scaled_lengths as (
    select distinct
        cik,
        accession,
        is_count,
        length_class
    from scaled
),

-- A share count that is a thousandth or a millionth of most of those of the years before.
misscaled_counts as (
    select
        news.cik,
        news.line,
        news.length_class,
        news.period_end,
        news.accession
    from reports as news
    inner join first_reports as other
        on
            news.cik = other.cik
            and news.line = other.line
            and other.period_end between news.period_end - 1100 and news.period_end - 20
            and news.filed_date >= other.filed_date
    where news.nature = 'shares' and news.value > 0 and other.value > 0
    group by news.cik, news.line, news.length_class, news.period_end, news.accession
    having
        count(*) filter (
            where
            news.value < other.value
            and {{ is_off_by_thousands('news.value', 'other.value', 0.15) }}
        )
        > count(*) filter (where news.value < 10 * other.value and other.value < 10 * news.value)
),
{%- endmacro %}

{# Years that are less than their first nine months. #}
{% macro shrunk_years() -%}
-- A year that stands as it was first stated, and the newest word on its nine months by then.
years_so_far as (
    select distinct on (years.cik, years.line, years.period_end, years.accession)
        years.cik,
        years.line,
        years.length_class,
        years.period_end,
        years.accession,
        years.value,
        shorter.value as nine_months_value
    from reports as years
    inner join reports as shorter
        on
            years.cik = shorter.cik
            and years.line = shorter.line
            and years.period_start = shorter.period_start
            and shorter.period_end < years.period_end
            and years.filed_date >= shorter.filed_date
            and years.currency = shorter.currency
    where
        years.length_class = 'annual'
        and shorter.length_class = 'nine_months'
        and years.is_additive
        and years.is_never_negative
        and years.value = coalesce(years.reported_first, years.value)
    order by
        years.cik asc, years.line asc, years.period_end asc, years.accession asc,
        shorter.filed_date desc, shorter.period_end desc
),

-- What cannot be negative does not shrink within a year.
shrunk as (
    select *
    from years_so_far
    where value < nine_months_value * 0.99
),
{%- endmacro %}

{# Slips that later filings repeat. #}
{% macro repeated_slips() -%}
-- A slip that a later filing repeats is one still, unless more filings say it than said otherwise;
-- of another basis it is however many say it.
repeated as (
    select
        again.cik,
        again.line,
        again.length_class,
        again.period_end,
        again.accession,
        judged.refused_reason,
        null as blank_reason
    from judged
    inner join reports as slip
        on
            judged.cik = slip.cik
            and judged.line = slip.line
            and judged.length_class = slip.length_class
            and judged.period_end = slip.period_end
            and judged.accession = slip.accession
    inner join reports as again
        on
            slip.cik = again.cik
            and slip.line = again.line
            and slip.length_class = again.length_class
            and slip.period_end = again.period_end
            and slip.value = again.value
            and again.filed_date > slip.filed_date
    inner join reports as said
        on
            again.cik = said.cik
            and again.line = said.line
            and again.length_class = said.length_class
            and again.period_end = said.period_end
            and again.filed_date >= said.filed_date
    left join proven_balances as own
        on
            again.line = 'total_assets'
            and again.cik = own.cik
            and again.accession = own.accession
            and again.period_end = own.period_end
            and again.value = own.value
    where judged.refused_reason is not null and own.cik is null
    group by
        again.cik, again.line, again.length_class, again.period_end, again.accession,
        judged.refused_reason
    having
        judged.refused_reason = 'other_basis'
        or count(*) filter (where said.value = again.value)
        <= count(*) filter (where said.value <> again.value)
),
{%- endmacro %}
