"""GitHub in a night: each organization, its repositories, and the liveliest ones' activity."""

from collections.abc import Iterator

from connectors.errors import SkipError
from connectors.github import SERVICE, GithubOrganization, GithubRepository, fetch, parse
from connectors.http import Response
from connectors.records import Parsed
from connectors.sec.identity import names_match
from flows.night.open import Night
from flows.night.targets import Target
from flows.sources.subject import Source, Subject

# Commits and releases of the repositories that were pushed to last; the rest lies still.
ACTIVE_REPOSITORIES = 10


def _subjects(night: Night) -> Iterator[Subject]:
    for target in night.targets:
        for login in target.known_as("github"):
            yield from _organization(night, target, login)


def _organization(night: Night, target: Target, login: str) -> Iterator[Subject]:
    base_url, key = night.url("github_url"), night.key(SERVICE.key)
    confirmed: list[GithubOrganization] = []
    repositories: list[GithubRepository] = []

    def parse_organization(response: Response) -> Parsed:
        parsed = parse.parse_organization(response.body, login)
        for row in parsed.rows["github_organizations"]:
            assert isinstance(row, GithubOrganization)
            confirmed.append(_checked(row, target))
        return parsed

    def parse_repositories(response: Response) -> Parsed:
        parsed = parse.parse_repositories(response.body, login)
        for row in parsed.rows["github_repositories"]:
            assert isinstance(row, GithubRepository)
            repositories.append(row)
        return parsed

    yield Subject(
        f"{login} organization",
        lambda client: [fetch.fetch_organization(client, base_url, key, login)],
        parse_organization,
    )
    if not confirmed:
        return
    yield Subject(
        f"{login} repositories",
        lambda client: fetch.fetch_repositories(client, base_url, key, login),
        parse_repositories,
    )
    own = [row for row in repositories if not row.is_fork and row.pushed_at is not None]
    own.sort(key=lambda row: (row.pushed_at, row.full_name), reverse=True)
    for row in own[:ACTIVE_REPOSITORIES]:
        yield from _activity(night, row.full_name)


def _checked(row: GithubOrganization, target: Target) -> GithubOrganization:
    """Refuse an organization that calls itself by another name than the company's."""
    if target.name is not None and not names_match(target.name, [row.name or row.login]):
        raise SkipError(
            "github",
            f"organization {row.login} calls itself another name than the company's",
            f"{row.name or row.login!r} at GitHub, {target.name!r} in the watchlist",
            "correct the login in the watchlist",
        )
    return row


def _activity(night: Night, full_name: str) -> Iterator[Subject]:
    base_url, key = night.url("github_url"), night.key(SERVICE.key)
    yield Subject(
        f"{full_name} commits",
        lambda client: [fetch.fetch_commit_activity(client, base_url, key, full_name)],
        lambda response: parse.parse_commit_activity(response.body, full_name),
    )
    yield Subject(
        f"{full_name} releases",
        lambda client: [fetch.fetch_releases(client, base_url, key, full_name)],
        lambda response: parse.parse_releases(response.body, full_name),
    )


SOURCE = Source(
    "github",
    "alternative",
    (),
    _subjects,
    lambda night: sum(
        (2 + 2 * ACTIVE_REPOSITORIES) * len(target.known_as("github")) for target in night.targets
    ),
    service=SERVICE,
    is_bundled=True,
)
