"""GitHub: organizations, repositories, commits by week and releases."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Column, Text

from warehouse.tables.base import LAST_PERIOD, NOT_NEGATIVE, instant, raw_table

github_organizations = raw_table(
    "github_organizations",
    ("login",),
    Column("login", Text, nullable=False),
    Column("name", Text),
    Column("website", Text),
    Column("public_repos", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    Column("followers", BigInteger),
    instant("created_at"),
)

github_repositories = raw_table(
    "github_repositories",
    ("organization", "repository_id"),
    Column("organization", Text, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("full_name", Text, nullable=False, info={"matches": "^[^/ ]+/[^/ ]+$"}),
    Column("is_fork", Boolean, nullable=False),
    Column("is_archived", Boolean),
    Column("language", Text),
    Column("stars", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    Column("forks", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    Column("open_issues", BigInteger, nullable=False),
    instant("created_at"),
    instant("pushed_at"),
    # An organization may show none, and a repository may lie still.
    may_be_empty=True,
)

github_commit_weeks = raw_table(
    "github_commit_weeks",
    ("full_name", "week_start"),
    Column("full_name", Text, nullable=False),
    instant("week_start", nullable=False, info={"in_range": (date(2005, 1, 1), LAST_PERIOD)}),
    Column("commits", BigInteger, nullable=False, info={"in_range": NOT_NEGATIVE}),
    may_be_empty=True,
)

github_releases = raw_table(
    "github_releases",
    ("full_name", "tag"),
    Column("full_name", Text, nullable=False, info={"matches": "^[^/ ]+/[^/ ]+$"}),
    Column("tag", Text, nullable=False),
    Column("name", Text),
    Column("is_prerelease", Boolean, nullable=False),
    instant("published_at", nullable=False),
    may_be_empty=True,
)
