-- Activity is measured in some of a company's own repositories, four weeks being part of twelve.
select *
from {{ ref('mart_developer_activity') }}
where
    repositories_measured > repositories_count
    or commits_4w > commits_12w
    or (repositories_measured = 0 and commits_12w is not null)
