"""Addresses of Crunchbase's entity and card lookups."""

from urllib.parse import quote

from connectors.bodies import load_object
from connectors.crunchbase import SOURCE
from connectors.errors import SkipError
from connectors.http import HttpClient, Response

ORGANIZATION_FIELDS = (
    "identifier",
    "founded_on",
    "num_employees_enum",
    "funding_total",
    "num_funding_rounds",
    "last_funding_type",
    "last_funding_at",
    "updated_at",
)
ROUND_FIELDS = (
    "identifier",
    "announced_on",
    "investment_type",
    "money_raised",
    "num_investors",
)
# A card gives at most 100 items; no listed company has had more than a few pages of rounds.
CARD_SIZE = 100
MAX_PAGES = 5


def organization_url(base_url: str, permalink: str) -> str:
    """Address of one organization."""
    return f"{base_url.rstrip('/')}/api/v4/entities/organizations/{quote(permalink, safe='')}"


def rounds_url(base_url: str, permalink: str) -> str:
    """Address of the funding rounds that one organization raised."""
    return f"{organization_url(base_url, permalink)}/cards/raised_funding_rounds"


def organization_params() -> dict[str, str]:
    """Parameters for the fields that the record has."""
    return {"field_ids": ",".join(ORGANIZATION_FIELDS)}


def rounds_params(after: str | None = None) -> dict[str, str]:
    """Parameters for one page of rounds, after the round of that id."""
    params = {"card_field_ids": ",".join(ROUND_FIELDS), "limit": str(CARD_SIZE)}
    return params | ({"after_id": after} if after else {})


def fetch_organization(client: HttpClient, base_url: str, api_key: str, permalink: str) -> Response:
    """Fetch one organization's profile."""
    return client.get(
        SOURCE,
        organization_url(base_url, permalink),
        params=organization_params(),
        headers={"X-cb-user-key": api_key},
        secrets=(api_key,),
    )


def fetch_rounds(client: HttpClient, base_url: str, api_key: str, permalink: str) -> list[Response]:
    """Fetch every page of an organization's rounds; a history with a hole would look complete."""
    pages: list[Response] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        page = client.get(
            SOURCE,
            rounds_url(base_url, permalink),
            params=rounds_params(after),
            headers={"X-cb-user-key": api_key},
            secrets=(api_key,),
        )
        pages.append(page)
        after = _last_of_full_page(page.body)
        if after is None:
            return pages
    raise SkipError(
        SOURCE, f"more than {MAX_PAGES * CARD_SIZE} rounds", permalink, "check the permalink"
    )


def _last_of_full_page(body: bytes) -> str | None:
    cards = load_object(SOURCE, body).get("cards")
    rounds = cards.get("raised_funding_rounds") if isinstance(cards, dict) else None
    if not isinstance(rounds, list) or len(rounds) < CARD_SIZE:
        return None
    identifier = rounds[-1].get("identifier") if isinstance(rounds[-1], dict) else None
    found = identifier.get("uuid") if isinstance(identifier, dict) else None
    return found if isinstance(found, str) else None
