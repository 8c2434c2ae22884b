with current_rows as (
    {{ current_version(source('raw', 'github_organizations'), cut=end_of_day(as_of())) }}
),

renamed as (
    select
        login,
        name,
        public_repos,
        followers,
        fetched_at as captured_at
    from current_rows
)

select * from renamed
