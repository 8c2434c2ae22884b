-- No article comes from after the run's date, and a press room's belongs to whose room it is.
select news.*
from {{ ref('mart_news') }} as news
left join {{ ref('stg_watchlist__handles') }} as handles
    on
        news.company_id = handles.company_id
        and handles.source = case news.origin when 'press_room' then 'feeds' else 'newsapi' end
where
    news.published_at > {{ end_of_day(as_of()) }}
    or handles.company_id is null
