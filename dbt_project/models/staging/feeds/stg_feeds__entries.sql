with current_rows as (
    {{ current_version(source('raw', 'feed_entries'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        feed_url,
        entry_id,
        feed_title,
        title,
        link,
        coalesce(published_at, updated_at) as published_at
    from current_rows
)

select * from renamed
