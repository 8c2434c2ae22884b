-- What was published about each company, and how we know that it is about it.
with handles as (
    select * from {{ ref('stg_watchlist__handles') }}
),

entries as (
    select * from {{ ref('stg_feeds__entries') }}
    where published_at <= {{ end_of_day(as_of()) }} and link is not null
),

press_rooms as (
    select
        handles.company_id,
        entries.link as url,
        entries.title,
        entries.feed_title as publisher,
        entries.published_at,
        'press_room' as origin,
        1 as preference
    from entries
    inner join handles on handles.source = 'feeds' and entries.feed_url = handles.handle
),

-- The phrase by which the watchlist lets a company be searched; a name that is a common word has
-- none, and is found nowhere rather than everywhere.
phrases as (
    select
        company_id,
        handle as phrase,
        '\m' || regexp_replace(handle, '([^[:alnum:] ])', '\\\1', 'g') || '\M' as pattern
    from handles
    where source = 'newsapi'
),

trade_press as (
    select
        phrases.company_id,
        entries.link as url,
        entries.title,
        entries.feed_title as publisher,
        entries.published_at,
        'trade_press' as origin,
        2 as preference
    from entries
    inner join phrases on entries.title ~ phrases.pattern
    left join handles on handles.source = 'feeds' and entries.feed_url = handles.handle
    where handles.handle is null
),

searched as (
    select
        phrases.company_id,
        articles.url,
        articles.title,
        articles.publisher,
        articles.published_at,
        'newsapi' as origin,
        3 as preference
    from {{ ref('stg_newsapi__articles') }} as articles
    inner join phrases on articles.query = phrases.phrase
    where articles.published_at <= {{ end_of_day(as_of()) }}
),

united as (
    select * from press_rooms
    union all
    select * from trade_press
    union all
    select * from searched
),

one_per_address as (
    select distinct on (company_id, url) *
    from united
    order by company_id asc, url asc, preference asc, published_at asc, title asc
),

articles as (
    select
        one_per_address.company_id,
        companies.ticker,
        one_per_address.url,
        one_per_address.title,
        one_per_address.publisher,
        one_per_address.published_at,
        one_per_address.origin
    from one_per_address
    inner join {{ ref('int_companies__listed') }} as companies
        on one_per_address.company_id = companies.company_id
)

select * from articles
