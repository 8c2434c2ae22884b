"""SEC EDGAR in a night: the ticker map, then each company's submissions and company facts."""

import json
from collections.abc import Iterator

from connectors.errors import SkipError
from connectors.http import Response
from connectors.records import Parsed
from connectors.sec import fetch, parse
from connectors.sec.identity import names_match
from connectors.sec.records import SecCompany
from flows.sources.subject import Source, Subject
from flows.steps.night import Night, Target


class WrongCompanyError(SkipError):
    """The registrant behind the CIK is not the company that the watchlist names."""


def _names(company: SecCompany) -> list[str]:
    """The registrant's name and its former ones."""
    former = json.loads(company.former_names) if company.former_names else []
    return [company.name, *(entry["name"] for entry in former)]


def _checked(parsed: Parsed, target: Target, stopped: set[str]) -> Parsed:
    """Refuse answers whose registrant is another company; stop asking about it."""
    if target.company_id in stopped:
        # History pages name nobody: they fall with the document they came with.
        raise _wrong_company(target, "the same registrant")
    names: list[str] = []
    for company in parsed.rows.get("sec_companies", []):
        assert isinstance(company, SecCompany)
        names.extend(_names(company))
    if target.name is not None and names and not names_match(target.name, names):
        stopped.add(target.company_id)
        raise _wrong_company(target, repr(names[0]))
    return parsed


def _wrong_company(target: Target, registrant: str) -> WrongCompanyError:
    return WrongCompanyError(
        source="sec",
        what=f"CIK {target.cik} belongs to another company",
        value=f"{registrant} at SEC, {target.name!r} in the watchlist",
        cure="correct the CIK or the name in the watchlist",
    )


def _subjects(night: Night) -> Iterator[Subject]:
    settings = night.endpoints
    yield Subject(
        "company_tickers",
        lambda client: [fetch.fetch_company_tickers(client, settings.sec_www_url)],
        lambda response: parse.parse_company_tickers(response.body),
    )
    stopped: set[str] = set()
    for target in night.targets:
        if target.cik is not None:
            yield from _company_subjects(night, target, target.cik, stopped)
        for former in target.predecessors:
            # Checked by its own name, and no reason to stop the company itself.
            registrant = Target(
                f"{target.company_id} {former.cik}",
                former.name,
                former.cik,
                f"{target.label} {former.cik}",
                (),
            )
            yield from _company_subjects(night, registrant, former.cik, stopped)


def _company_subjects(
    night: Night, target: Target, cik: int, stopped: set[str]
) -> Iterator[Subject]:
    data_url = night.endpoints.sec_data_url

    def parse_submissions(response: Response) -> Parsed:
        return _checked(parse.parse_submissions(response.body, cik), target, stopped)

    def parse_facts(response: Response) -> Parsed:
        return _checked(parse.parse_companyfacts(response.body, cik), target, stopped)

    label = target.label
    yield Subject(
        f"{label} submissions",
        lambda client: fetch.fetch_submissions(client, data_url, cik),
        parse_submissions,
    )
    if target.company_id in stopped:
        return
    yield Subject(
        f"{label} companyfacts",
        lambda client: [fetch.fetch_companyfacts(client, data_url, cik)],
        parse_facts,
    )


SOURCE = Source(
    "sec",
    ("sec_tickers", "sec_companies", "sec_facts"),
    _subjects,
    lambda night: 1 + 2 * sum(1 + len(target.predecessors) for target in night.targets),
)
