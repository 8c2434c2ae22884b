"""GitHub's JSON to organizations, repositories, weekly commits and releases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.bodies import (
    MistypedError,
    bad_row,
    load_list,
    load_object,
    optional_instant,
    required_text,
)
from connectors.errors import BadBodyError
from connectors.github import (
    COMMIT_WEEKS,
    ORGANIZATIONS,
    RELEASES,
    REPOSITORIES,
    SOURCE,
    GithubCommitWeek,
    GithubOrganization,
    GithubRelease,
    GithubRepository,
)
from connectors.records import Parsed
from connectors.shapes import Shape, flag, names, whole_number


def _week(value: object) -> datetime:
    if type(value) is not int or not 0 <= value < 2**33:
        raise MistypedError(f"not a time in seconds: {value!r:.80}")
    return datetime.fromtimestamp(value, UTC)


ORGANIZATION = Shape(
    ORGANIZATIONS,
    required={"login": required_text, "public_repos": whole_number},
    optional={
        "name": required_text,
        "blog": required_text,
        "followers": whole_number,
        "created_at": optional_instant,
    },
    ignored=names(
        "id node_id url repos_url events_url hooks_url issues_url members_url "
        "public_members_url avatar_url description company location email "
        "twitter_username is_verified has_organization_projects has_repository_projects "
        "public_gists following html_url updated_at archived_at type total_private_repos "
        "owned_private_repos private_gists disk_usage collaborators billing_email plan "
        "default_repository_permission"
    ),
)
REPOSITORY = Shape(
    REPOSITORIES,
    required={
        "id": whole_number,
        "full_name": required_text,
        "fork": flag,
        "stargazers_count": whole_number,
        "forks_count": whole_number,
        "open_issues_count": whole_number,
    },
    optional={
        "archived": flag,
        "language": required_text,
        "created_at": optional_instant,
        "pushed_at": optional_instant,
    },
    ignored=names(
        "node_id name owner private html_url description url forks_url keys_url "
        "collaborators_url teams_url hooks_url issue_events_url events_url assignees_url "
        "branches_url tags_url blobs_url git_tags_url git_refs_url trees_url statuses_url "
        "languages_url stargazers_url contributors_url subscribers_url subscription_url "
        "commits_url git_commits_url comments_url issue_comment_url contents_url "
        "compare_url merges_url archive_url downloads_url issues_url pulls_url "
        "milestones_url notifications_url labels_url releases_url deployments_url "
        "updated_at git_url ssh_url clone_url svn_url homepage size watchers_count "
        "has_issues has_projects has_downloads has_wiki has_pages has_discussions "
        "mirror_url disabled license allow_forking is_template "
        "web_commit_signoff_required topics visibility forks open_issues watchers "
        "default_branch permissions custom_properties security_and_analysis"
    ),
)
COMMIT_WEEK = Shape(
    COMMIT_WEEKS,
    required={"week": _week, "total": whole_number},
    ignored=frozenset({"days"}),
)
RELEASE = Shape(
    RELEASES,
    required={
        "tag_name": required_text,
        "prerelease": flag,
        "published_at": optional_instant,
    },
    optional={"name": required_text},
    ignored=names(
        "url assets_url upload_url html_url id node_id target_commitish draft author "
        "created_at updated_at immutable assets tarball_url zipball_url body reactions "
        "mentions_count discussion_url"
    ),
)


def parse_organization(body: bytes, login: str) -> Parsed:
    """The row of `github_organizations`."""
    document = load_object(SOURCE, body)
    parsed = Parsed({ORGANIZATIONS: []})
    try:
        values = ORGANIZATION.read(document)
    except ValueError as error:
        parsed.rejects.append(bad_row(ORGANIZATIONS, "field_mistyped", error, {"login": login}))
        return parsed
    if values["login"].casefold() != login.casefold():
        raise _wrong_shape(f"organization {values['login']!r:.60}", login)
    ORGANIZATION.keep_new_fields(parsed, login, document)
    parsed.rows[ORGANIZATIONS].append(
        GithubOrganization(
            login,
            values["name"],
            values["blog"],
            values["public_repos"],
            values["followers"],
            values["created_at"],
        )
    )
    return parsed


def parse_repositories(body: bytes, login: str) -> Parsed:
    """Rows of `github_repositories` from one page."""

    def record(values: dict[str, Any]) -> GithubRepository:
        return GithubRepository(
            login,
            values["id"],
            values["full_name"],
            values["fork"],
            values["archived"],
            values["language"],
            values["stargazers_count"],
            values["forks_count"],
            values["open_issues_count"],
            values["created_at"],
            values["pushed_at"],
        )

    return _parse_list(body, REPOSITORY, login, "full_name", record)


def parse_commit_activity(body: bytes, full_name: str) -> Parsed:
    """Rows of `github_commit_weeks`; the week under way is one of them."""
    return _parse_list(
        body,
        COMMIT_WEEK,
        full_name,
        "week",
        lambda values: GithubCommitWeek(full_name, values["week"], values["total"]),
    )


def parse_releases(body: bytes, full_name: str) -> Parsed:
    """Rows of `github_releases`; drafts are shown to members only and make none."""
    return _parse_list(
        body,
        RELEASE,
        full_name,
        "tag_name",
        lambda values: GithubRelease(
            full_name,
            values["tag_name"],
            values["name"],
            values["prerelease"],
            values["published_at"],
        ),
        lambda entry: not (isinstance(entry, dict) and entry.get("draft") is True),
    )


def _parse_list(
    body: bytes,
    shape: Shape,
    subject: str,
    key: str,
    record: Callable[[dict[str, Any]], tuple[Any, ...]],
    is_wanted: Callable[[object], bool] = lambda entry: True,
) -> Parsed:
    parsed = Parsed({shape.table: []})
    entries = [entry for entry in load_list(SOURCE, body) if is_wanted(entry)]
    for row, values in shape.accepted(parsed, entries, {"subject": subject}):
        shape.keep_new_fields(parsed, f"{subject} {values[key]}"[:500], row)
        parsed.rows[shape.table].append(record(values))
    return parsed


def _wrong_shape(what: str, subject: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, subject, "look at the capture: GitHub may have changed the format"
    )
