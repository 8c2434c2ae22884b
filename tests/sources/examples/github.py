"""GitHub: an organization, a repository, a week of commits and a release."""

from connectors.github import fetch as github
from connectors.github import parse as github_parse
from tests.sources.examples.example import KEY, json_example

_GITHUB_ORGANIZATION = {
    "login": "example",
    "id": 7,
    "name": "Example",
    "blog": "https://example.com",
    "public_repos": 12,
    "followers": 34,
    "created_at": "2010-07-19T19:41:04Z",
    "type": "Organization",
}

_REPOSITORY = {
    "id": 99,
    "full_name": "example/lessons",
    "fork": False,
    "archived": False,
    "language": "Python",
    "stargazers_count": 21,
    "forks_count": 5,
    "open_issues_count": 3,
    "created_at": "2014-01-01T00:00:00Z",
    "pushed_at": "2026-07-01T00:00:00Z",
    "private": False,
}

_WEEK = {"days": [1, 0, 0, 0, 0, 0, 0], "total": 1, "week": 1782604800}

_RELEASE = {
    "tag_name": "v1.2",
    "name": "One",
    "draft": False,
    "prerelease": False,
    "published_at": "2026-06-01T00:00:00Z",
    "author": {"login": "someone"},
}

EXAMPLES = [
    json_example(
        "github organization",
        "github",
        _GITHUB_ORGANIZATION,
        lambda client, url: github.fetch_organization(client, url, KEY, "example"),
        lambda body: github_parse.parse_organization(body, "example"),
        github_parse.ORGANIZATION,
        lambda document, _: document,
    ),
    json_example(
        "github repository",
        "github",
        [_REPOSITORY],
        lambda client, url: github.fetch_repositories(client, url, KEY, "example"),
        lambda body: github_parse.parse_repositories(body, "example"),
        github_parse.REPOSITORY,
        lambda document, _: document[0],
    ),
    json_example(
        "github commit week",
        "github",
        [_WEEK],
        lambda client, url: github.fetch_commit_activity(client, url, KEY, "example/lessons"),
        lambda body: github_parse.parse_commit_activity(body, "example/lessons"),
        github_parse.COMMIT_WEEK,
        lambda document, _: document[0],
    ),
    json_example(
        "github release",
        "github",
        [_RELEASE],
        lambda client, url: github.fetch_releases(client, url, KEY, "example/lessons"),
        lambda body: github_parse.parse_releases(body, "example/lessons"),
        github_parse.RELEASE,
        lambda document, _: document[0],
    ),
]
ADDRESSES = {
    r"orgs/[^/]*/repos": "github repository",
    r"orgs/": "github organization",
    r"stats/commit_activity": "github commit week",
    r"releases": "github release",
}
HANDLE = "github: [example]"
