-- Activity is measured in some of a company's own repositories, four weeks being part of the year.
select *
from {{ ref('mart_developer_activity') }}
where
    repositories_measured > repositories_count
    or commits_4w > commits_52w
    or (repositories_measured = 0 and commits_52w is not null)
