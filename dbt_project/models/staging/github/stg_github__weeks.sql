with current_rows as (
    {{ current_version(source('raw', 'github_commit_weeks'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        full_name,
        (week_start at time zone 'UTC')::date as week_start,
        commits,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
