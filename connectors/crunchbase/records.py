"""The rows that a Crunchbase organization document holds."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

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
