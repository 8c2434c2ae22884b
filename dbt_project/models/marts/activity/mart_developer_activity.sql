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

-- A week counts once it was asked for after its end; a new week is a new row, so the newest row of
-- a repository says until when that is.
asked as (
    select
        full_name,
        max((captured_at at time zone 'UTC')::date) as asked_until
    from {{ ref('stg_github__weeks') }}
    group by full_name
),

whole_weeks as (
    select
        weeks.full_name,
        weeks.week_start,
        weeks.commits
    from {{ ref('stg_github__weeks') }} as weeks
    inner join asked
        on weeks.full_name = asked.full_name and weeks.week_start + 7 <= asked.asked_until
    where weeks.week_start <= {{ as_of() }} - 7 and weeks.week_start > {{ as_of() }} - 91
),

-- Sums of all their weeks, or of none.
weeks as (
    select
        full_name,
        case
            when count(*) filter (where week_start > {{ as_of() }} - 35) = 4
                then sum(commits) filter (where week_start > {{ as_of() }} - 35)
        end as commits_4w,
        case when count(*) = 12 then sum(commits) end as commits_12w
    from whole_weeks
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
        count(weeks.commits_12w) as repositories_measured,
        sum(weeks.commits_4w) filter (where weeks.commits_12w is not null) as commits_4w,
        sum(weeks.commits_12w) as commits_12w,
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
),

activity as (
    select
        measured.company_id,
        companies.ticker,
        measured.login,
        measured.repositories_count,
        measured.stars,
        measured.forks,
        measured.open_issues,
        measured.followers,
        measured.last_pushed_at,
        measured.repositories_measured,
        measured.commits_4w,
        measured.commits_12w,
        measured.releases_1y,
        measured.last_release_date,
        measured.captured_at
    from measured
    inner join {{ ref('int_companies__listed') }} as companies
        on measured.company_id = companies.company_id
)

select * from activity
