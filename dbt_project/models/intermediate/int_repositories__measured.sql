-- Activity of each company's own public repositories; forks and archives are not its work of today.
with organizations as (
    select
        handles.company_id,
        organizations.login,
        organizations.followers,
        organizations.captured_at
    from {{ ref('stg_github__organizations') }} as organizations
    inner join {{ ref('stg_watchlist__handles') }} as handles
        on handles.source = 'github' and organizations.login = handles.handle
),

own as (
    select repositories.*
    from {{ ref('stg_github__repositories') }} as repositories
    where not repositories.is_fork and not repositories.is_archived
),

-- The week under way is not a week yet.
weeks as (
    select
        full_name,
        sum(commits) filter (where week_start >= {{ as_of() }} - 35) as commits_4w,
        sum(commits) as commits_52w,
        count(*) as weeks_count
    from {{ ref('stg_github__weeks') }}
    where week_start <= {{ as_of() }} - 7 and week_start > {{ as_of() }} - 372
    group by full_name
),

releases as (
    select
        full_name,
        count(*) filter (where published_date > {{ as_of() }} - 365) as releases_1y,
        max(published_date) as last_release_date
    from {{ ref('stg_github__releases') }}
    where published_date <= {{ as_of() }} and not is_prerelease
    group by full_name
),

measured as (
    select
        organizations.company_id,
        organizations.login,
        organizations.followers,
        organizations.captured_at,
        count(own.full_name) as repositories_count,
        sum(own.stars) as stars,
        sum(own.forks) as forks,
        sum(own.open_issues) as open_issues,
        max(own.pushed_at) as last_pushed_at,
        count(weeks.full_name) as repositories_measured,
        sum(weeks.commits_4w) as commits_4w,
        sum(weeks.commits_52w) as commits_52w,
        sum(releases.releases_1y) as releases_1y,
        max(releases.last_release_date) as last_release_date
    from organizations
    left join own on organizations.login = own.organization
    left join weeks on own.full_name = weeks.full_name
    left join releases on own.full_name = releases.full_name
    group by
        organizations.company_id,
        organizations.login,
        organizations.followers,
        organizations.captured_at
)

select * from measured
