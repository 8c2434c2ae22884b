"""Crunchbase v4: a company's profile and funding rounds; needs a licence of the user's own."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from connectors.service import MINUTE, Limit, Service

SERVICE = Service(
    "crunchbase",
    limits=(Limit(200, MINUTE),),
    base_urls={"crunchbase_url": "https://api.crunchbase.com"},
    key="crunchbase_api_key",
    key_example="the user key of your Crunchbase licence",
)
SOURCE = SERVICE.name

ORGANIZATIONS = "crunchbase_organizations"
ROUNDS = "crunchbase_funding_rounds"


class CrunchbaseOrganization(NamedTuple):
    """A company's profile; `funding_total_usd` as Crunchbase converted it."""

    permalink: str
    name: str
    founded_on: date | None
    employees: str | None
    funding_total_usd: Decimal | None
    funding_rounds: int | None
    last_funding_type: str | None
    last_funding_at: date | None
    updated_at: datetime | None


class CrunchbaseRound(NamedTuple):
    """One funding round; `money_raised` in `currency`, None where it was not disclosed."""

    round_id: str
    permalink: str
    announced_on: date
    investment_type: str
    money_raised: Decimal | None
    currency: str | None
    money_raised_usd: Decimal | None
    investors: int | None
