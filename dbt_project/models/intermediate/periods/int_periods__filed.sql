-- The newest period that each filer had reported on, from each of its periodic reports on.
with reports as (
    select
        chosen.cik,
        chosen.accession,
        chosen.known_from,
        forms.is_annual,
        templated.template,
        min(chosen.currency) filter (where chosen.nature = 'flow') as currency,
        max(chosen.period_end) filter (where chosen.period_end <= chosen.filed_date)
            as report_end,
        bool_or(chosen.length_class = 'annual') as has_year
    from {{ ref('int_facts__chosen') }} as chosen
    inner join {{ ref('statement_forms') }} as forms
        on chosen.form = forms.form and forms.is_periodic
    inner join {{ ref('int_filings__templated') }} as templated
        on chosen.cik = templated.cik and chosen.accession = templated.accession
    where chosen.line in ('revenue', 'net_income', 'total_assets')
    group by
        chosen.cik, chosen.accession, chosen.known_from, forms.is_annual, templated.template
),

newest as (
    select
        cik,
        known_from,
        max(template) as template,
        max(currency) as currency,
        max(report_end) as report_end,
        max(report_end) filter (where is_annual and has_year) as year_end,
        bool_or(not is_annual) as is_quarterly
    from reports
    group by cik, known_from
),

so_far as (
    select
        cik,
        known_from,
        template,
        currency,
        max(report_end) over filings as report_end,
        max(year_end) over filings as year_end,
        bool_or(is_quarterly) over filings as is_quarterly,
        -- A calendar of 52 weeks meets the end of a month now and then; not six times in a row.
        bool_and(report_end = (date_trunc('month', report_end) + interval '1 month')::date - 1)
            over (filings rows between 5 preceding and current row) as ends_with_month
    from newest
    window filings as (partition by cik order by known_from)
),

filed as (
    select
        cik,
        known_from,
        lead(known_from, 1, 'infinity') over (partition by cik order by known_from) as known_to,
        template,
        currency,
        report_end,
        year_end,
        is_quarterly,
        ends_with_month
    from so_far
)

select * from filed
