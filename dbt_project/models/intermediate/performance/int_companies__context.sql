-- What is known of each company beyond its statements: how fresh its figures are, and what its
-- news, code, funding and own KPIs tell. Windows of days end with the run's logical date.
with companies as (
    select
        measured.*,
        awaited.next_filing_blank_reason,
        case
            when coalesce(measured.figures_source, '') <> 'filing' then null
            when measured.is_stale then 'stale'
            when awaited.next_filing_due < {{ as_of() }} then 'late'
            when awaited.next_filing_period_end >= {{ as_of() }} then 'current'
            when awaited.next_filing_due is not null then 'due'
            -- The shortest deadline of any filer is 40 days.
            when awaited.next_filing_period_end + 40 >= {{ as_of() }} then 'due'
        end as freshness
    from {{ ref('int_companies__measured') }} as measured
    inner join {{ ref('int_companies__awaited') }} as awaited
        on measured.company_id = awaited.company_id
),

figures as (
    select
        companies.company_id,
        max(filings.filed_date) as figures_known_on
    from companies
    inner join {{ ref('mart_filings') }} as filings
        on
            companies.cik = filings.cik
            and filings.accession in (
                companies.revenue_ttm_accession,
                companies.revenue_quarter_accession,
                companies.revenue_fiscal_year_accession
            )
    where companies.figures_source = 'filing'
    group by companies.company_id
),

-- Who is followed where; the subject is what the night asks the source for.
handles as (
    select
        company_id,
        source,
        handle,
        case source
            when 'feeds' then handle || ' feed'
            when 'newsapi' then handle || ' articles'
        end as news_subject
    from {{ ref('stg_watchlist__handles') }}
),

answers as (
    select distinct
        outcomes.subject,
        outcomes.source = 'feeds' and rooms.news_subject is null as is_trade_press
    from {{ ref('stg_ops__outcomes') }} as outcomes
    left join handles as rooms
        on rooms.source = 'feeds' and outcomes.subject = rooms.news_subject
    where
        outcomes.source in ('feeds', 'newsapi')
        and outcomes.step = 'parse'
        and outcomes.status in ('ok', 'empty')
        and outcomes.happened_at > {{ end_of_day(as_of() ~ ' - 30') }}
),

trade_press as (
    select coalesce(bool_or(is_trade_press), false) as is_answered
    from answers
),

-- A phrase is looked for in the headlines of the trade press too.
followed as (
    select
        handles.company_id,
        bool_or(handles.news_subject is not null) as has_news,
        bool_or(answers.subject is not null)
        or bool_or(handles.source = 'newsapi' and trade_press.is_answered) as is_news_answered,
        bool_or(handles.source = 'github') as has_code,
        bool_or(handles.source = 'crunchbase') as has_funding
    from handles
    cross join trade_press
    left join answers on handles.news_subject = answers.subject
    group by handles.company_id
),

code as (
    select
        company_id,
        case when bool_and(commits_12w is not null) then sum(commits_12w) end as commits_12w,
        sum(releases_1y) as developer_releases_1y
    from {{ ref('mart_developer_activity') }}
    group by company_id
),

funding as (
    select
        handles.company_id,
        sum(organizations.funding_total_usd) as funding_total_usd
    from {{ ref('stg_crunchbase__organizations') }} as organizations
    inner join handles
        on handles.source = 'crunchbase' and organizations.permalink = handles.handle
    group by handles.company_id
),

last_rounds as (
    select distinct on (company_id)
        company_id,
        investment_type,
        announced_date,
        money_raised_usd
    from {{ ref('mart_funding') }}
    order by company_id asc, announced_date desc, money_raised_usd desc nulls last, round_id asc
),

-- Of periods that end on one day the shortest is the newest to tell.
newest_kpis as (
    select distinct on (company_id, metric)
        company_id,
        metric,
        jsonb_build_object(
            'value', value, 'unit', unit, 'period', period, 'period_end', period_end
        ) as newest
    from {{ ref('mart_company_kpis') }}
    where status = 'ok' and period_end is not null
    order by
        company_id asc,
        metric asc,
        period_end desc,
        array_position(
            array['instant', 'quarter', 'half_year', 'nine_months', 'annual'], period_type
        ) asc,
        unit asc,
        period asc
),

kpis as (
    select
        company_id,
        jsonb_object_agg(metric, newest order by metric) as newest_kpis
    from newest_kpis
    group by company_id
),

joined as (
    select
        companies.company_id,
        figures.figures_known_on,
        companies.freshness,
        case
            when companies.figures_source is null then 'no_figures'
            when companies.figures_source = 'vendor' then 'vendor_only'
            when companies.freshness is null then companies.next_filing_blank_reason
        end as freshness_blank_reason,
        case
            when followed.is_news_answered or news.news_count_30d > 0
                then coalesce(news.news_count_30d, 0)
        end as news_count_30d,
        news.news_tone_30d,
        news.last_news_at,
        case
            when followed.is_news_answered or news.news_count_30d > 0 then null
            when followed.has_news then 'no_answer'
            else 'not_followed'
        end as news_blank_reason,
        case
            when news.news_tone_30d is not null then null
            when followed.is_news_answered or news.news_count_30d > 0 then 'no_tone_words'
            when followed.has_news then 'no_answer'
            else 'not_followed'
        end as news_tone_blank_reason,
        code.commits_12w as developer_commits_12w,
        code.developer_releases_1y,
        case
            when code.commits_12w is not null then null
            when code.company_id is not null then 'not_measured'
            when followed.has_code then 'no_answer'
            else 'not_followed'
        end as developer_blank_reason,
        last_rounds.investment_type as last_funding_type,
        last_rounds.announced_date as last_funding_date,
        last_rounds.money_raised_usd as last_funding_usd,
        funding.funding_total_usd,
        case
            when last_rounds.money_raised_usd is not null then null
            when last_rounds.company_id is not null then 'not_disclosed'
            when funding.company_id is not null then 'no_rounds'
            when followed.has_funding then 'no_answer'
            else 'not_followed'
        end as funding_blank_reason,
        kpis.newest_kpis
    from companies
    left join figures on companies.company_id = figures.company_id
    left join followed on companies.company_id = followed.company_id
    left join {{ ref('int_news__counted') }} as news on companies.company_id = news.company_id
    left join code on companies.company_id = code.company_id
    left join funding on companies.company_id = funding.company_id
    left join last_rounds on companies.company_id = last_rounds.company_id
    left join kpis on companies.company_id = kpis.company_id
)

select * from joined
