with current_rows as (
    {{ current_version(source('raw', 'github_repositories'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        organization,
        full_name,
        is_fork,
        coalesce(is_archived, false) as is_archived,
        stars,
        forks,
        open_issues,
        pushed_at,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
