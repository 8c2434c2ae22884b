with activity as (
    select
        activity.company_id,
        companies.ticker,
        activity.login,
        activity.repositories_count,
        activity.stars,
        activity.forks,
        activity.open_issues,
        activity.followers,
        activity.last_pushed_at,
        activity.repositories_measured,
        activity.commits_4w,
        activity.commits_12w,
        activity.releases_1y,
        activity.last_release_date,
        activity.captured_at
    from {{ ref('int_repositories__measured') }} as activity
    inner join {{ ref('int_companies__listed') }} as companies
        on activity.company_id = companies.company_id
)

select * from activity
