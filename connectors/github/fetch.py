"""Addresses of GitHub's REST documents, its paging and its two kinds of limits."""

import re
from urllib.parse import quote

from connectors.errors import RetryableError, SkipError
from connectors.github import SOURCE
from connectors.http import HttpClient, Response
from connectors.request import Answer

PER_PAGE = 100
# An organization with more repositories than that is not an EdTech company's.
MAX_PAGES = 20
# How long to leave GitHub alone where a secondary limit does not say.
_SECONDARY_WAIT = 60.0
# Statistics that are computed on demand take some seconds.
_COMPUTING_WAIT = 3.0
_LOGIN = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9])*")
_FULL_NAME = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")


def organization_url(base_url: str, login: str) -> str:
    """Address of one organization."""
    return f"{base_url.rstrip('/')}/orgs/{quote(login, safe='')}"


def repositories_url(base_url: str, login: str) -> str:
    """Address of an organization's repositories."""
    return f"{organization_url(base_url, login)}/repos"


def repositories_params(page: int) -> dict[str, str]:
    """Parameters for one page of public repositories."""
    return {"type": "public", "sort": "full_name", "per_page": str(PER_PAGE), "page": str(page)}


def commit_activity_url(base_url: str, full_name: str) -> str:
    """Address of a repository's commits by week."""
    return f"{base_url.rstrip('/')}/repos/{_checked_name(full_name)}/stats/commit_activity"


def releases_url(base_url: str, full_name: str) -> str:
    """Address of a repository's releases."""
    return f"{base_url.rstrip('/')}/repos/{_checked_name(full_name)}/releases"


def fetch_organization(client: HttpClient, base_url: str, api_key: str, login: str) -> Response:
    """Fetch one organization."""
    return _get(client, organization_url(base_url, login), {}, api_key)


def fetch_repositories(
    client: HttpClient, base_url: str, api_key: str, login: str
) -> list[Response]:
    """Fetch every page of an organization's public repositories."""
    pages: list[Response] = []
    for number in range(1, MAX_PAGES + 1):
        page = _get(client, repositories_url(base_url, login), repositories_params(number), api_key)
        pages.append(page)
        if page.body.count(b'"full_name"') < PER_PAGE:
            return pages
    raise SkipError(
        SOURCE, f"more than {MAX_PAGES * PER_PAGE} repositories", login, "check the login"
    )


def fetch_commit_activity(
    client: HttpClient, base_url: str, api_key: str, full_name: str
) -> Response:
    """Fetch a repository's commits of the last 52 weeks."""
    return _get(client, commit_activity_url(base_url, full_name), {}, api_key)


def fetch_releases(client: HttpClient, base_url: str, api_key: str, full_name: str) -> Response:
    """Fetch a repository's newest releases."""
    return _get(client, releases_url(base_url, full_name), {"per_page": "30"}, api_key)


def is_login(text: str) -> bool:
    """Whether GitHub could know an organization of that name."""
    return len(text) < 40 and _LOGIN.fullmatch(text) is not None


def refuse_limit(answer: Answer) -> None:
    """Raise RetryableError for a secondary limit that does not say how long it lasts."""
    if answer.status == 202:
        raise RetryableError(
            SOURCE, "the answer is still being computed", "202", "ask again", _COMPUTING_WAIT
        )
    if answer.status != 403 or answer.headers.get("retry-after"):
        return
    if answer.headers.get("x-ratelimit-remaining") != "0" and b"secondary" in answer.body:
        raise RetryableError(
            SOURCE, "a secondary rate limit", "403", "ask again later", _SECONDARY_WAIT
        )


def _get(client: HttpClient, url: str, params: dict[str, str], api_key: str) -> Response:
    return client.get(
        SOURCE,
        url,
        params=params,
        headers={
            "Authorization": f"Bearer {api_key}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        secrets=(api_key,),
        judge=refuse_limit,
    )


def _checked_name(full_name: str) -> str:
    # The name comes from an answer and becomes part of an address.
    if not _FULL_NAME.fullmatch(full_name) or "/.." in full_name:
        raise SkipError(SOURCE, "odd repository name", f"{full_name!r:.80}", "leave it out")
    return full_name
