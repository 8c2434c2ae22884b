with current_rows as (
    {{ current_version(source('raw', 'newsapi_articles'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        query,
        url,
        publisher,
        title,
        published_at
    from current_rows
)

select * from renamed
