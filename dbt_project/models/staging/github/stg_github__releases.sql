with current_rows as (
    {{ current_version(source('raw', 'github_releases'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        full_name,
        tag,
        is_prerelease,
        (published_at at time zone 'UTC')::date as published_date
    from current_rows
)

select * from renamed
