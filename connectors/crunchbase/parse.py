"""Crunchbase's JSON to organizations and funding rounds."""

from decimal import Decimal
from typing import Any, NamedTuple

from connectors.bodies import (
    MistypedError,
    bad_row,
    load_object,
    optional_instant,
    required_date,
    required_text,
)
from connectors.crunchbase import (
    ORGANIZATIONS,
    ROUNDS,
    SOURCE,
    CrunchbaseOrganization,
    CrunchbaseRound,
)
from connectors.errors import BadBodyError
from connectors.records import Parsed
from connectors.shapes import Shape, number, whole_number


class _Identifier(NamedTuple):
    uuid: str
    permalink: str
    name: str


class _Money(NamedTuple):
    value: Decimal
    currency: str
    value_usd: Decimal | None


def _identifier(value: Any) -> _Identifier:
    if not isinstance(value, dict):
        raise MistypedError(f"not an identifier: {value!r:.80}")
    return _Identifier(
        required_text(value.get("uuid")),
        required_text(value.get("permalink")),
        required_text(value.get("value")),
    )


def _money(value: Any) -> _Money:
    if not isinstance(value, dict):
        raise MistypedError(f"not an amount: {value!r:.80}")
    in_usd = value.get("value_usd")
    return _Money(
        number(value.get("value")),
        required_text(value.get("currency")),
        None if in_usd is None else number(in_usd),
    )


def _day(value: Any) -> Any:
    # A founding day comes with its precision beside it; an announcement is a plain day.
    return required_date(value.get("value") if isinstance(value, dict) else value)


ORGANIZATION = Shape(
    ORGANIZATIONS,
    required={"identifier": _identifier},
    optional={
        "founded_on": _day,
        "num_employees_enum": required_text,
        "funding_total": _money,
        "num_funding_rounds": whole_number,
        "last_funding_type": required_text,
        "last_funding_at": _day,
        "updated_at": optional_instant,
    },
)
ROUND = Shape(
    ROUNDS,
    required={"identifier": _identifier, "announced_on": _day, "investment_type": required_text},
    optional={"money_raised": _money, "num_investors": whole_number},
    ignored=frozenset({"uuid", "entity_def_id"}),
)


def parse_organization(body: bytes, permalink: str) -> Parsed:
    """The row of `crunchbase_organizations`."""
    properties = load_object(SOURCE, body).get("properties")
    if not isinstance(properties, dict):
        raise _wrong_shape("organization without properties", permalink)
    parsed = Parsed({ORGANIZATIONS: []})
    try:
        values = ORGANIZATION.read(properties)
    except ValueError as error:
        row = {"permalink": permalink} | properties
        parsed.rejects.append(bad_row(ORGANIZATIONS, "field_mistyped", error, row))
        return parsed
    if values["identifier"].permalink != permalink:
        raise _wrong_shape(f"organization {values['identifier'].permalink:.60}", permalink)
    ORGANIZATION.keep_new_fields(parsed, permalink, properties)
    total = values["funding_total"]
    parsed.rows[ORGANIZATIONS].append(
        CrunchbaseOrganization(
            permalink,
            values["identifier"].name,
            values["founded_on"],
            values["num_employees_enum"],
            None if total is None else total.value_usd,
            values["num_funding_rounds"],
            values["last_funding_type"],
            values["last_funding_at"],
            values["updated_at"],
        )
    )
    return parsed


def parse_rounds(body: bytes, permalink: str) -> Parsed:
    """Rows of `crunchbase_funding_rounds` from one page of the card."""
    cards = load_object(SOURCE, body).get("cards")
    rounds = cards.get("raised_funding_rounds") if isinstance(cards, dict) else None
    if not isinstance(rounds, list):
        raise _wrong_shape("card without funding rounds", permalink)
    parsed = Parsed({ROUNDS: []})
    for row, values in ROUND.accepted(parsed, rounds, {"permalink": permalink}):
        round_id = values["identifier"].uuid
        ROUND.keep_new_fields(parsed, round_id, row)
        raised = values["money_raised"]
        parsed.rows[ROUNDS].append(
            CrunchbaseRound(
                round_id,
                permalink,
                values["announced_on"],
                values["investment_type"],
                None if raised is None else raised.value,
                None if raised is None else raised.currency,
                None if raised is None else raised.value_usd,
                values["num_investors"],
            )
        )
    return parsed


def _wrong_shape(what: str, permalink: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, permalink, "look at the capture: Crunchbase may have changed the format"
    )
