"""GitHub: a company's organization, its repositories, their commits and releases."""

from datetime import datetime
from typing import NamedTuple

from connectors.service import HOUR, SECOND, Limit, Service

SERVICE = Service(
    "github",
    limits=(Limit(10, SECOND), Limit(5_000, HOUR)),
    base_urls={"github_url": "https://api.github.com"},
    key="github_api_key",
    key_example="a fine-grained token without any permission",
)
SOURCE = SERVICE.name

ORGANIZATIONS = "github_organizations"
REPOSITORIES = "github_repositories"
COMMIT_WEEKS = "github_commit_weeks"
RELEASES = "github_releases"


class GithubOrganization(NamedTuple):
    """One organization; `public_repos` counts forks and archived ones too."""

    login: str
    name: str | None
    website: str | None
    public_repos: int
    followers: int | None
    created_at: datetime | None


class GithubRepository(NamedTuple):
    """One public repository of an organization; the counts are those of the day it was asked."""

    organization: str
    repository_id: int
    full_name: str
    is_fork: bool
    is_archived: bool | None
    language: str | None
    stars: int
    forks: int
    open_issues: int
    created_at: datetime | None
    pushed_at: datetime | None


class GithubCommitWeek(NamedTuple):
    """Commits on the default branch in the week that begins at `week_start` (UTC)."""

    full_name: str
    week_start: datetime
    commits: int


class GithubRelease(NamedTuple):
    """One published release."""

    full_name: str
    tag: str
    name: str | None
    is_prerelease: bool
    published_at: datetime
