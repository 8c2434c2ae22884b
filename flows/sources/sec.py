"""SEC EDGAR in a night: the ticker map, the daily indexes since the last night, then submissions
and company facts of the companies that the indexes name.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from connectors.errors import NotFoundError, SkipError
from connectors.http import HttpClient, Response
from connectors.records import Parsed
from connectors.sec import FACTS, INDEX, SERVICE, SecCompany, fetch, parse
from connectors.sec.identity import names_match
from connectors.sec.index import parse_daily_index
from flows.night.open import Night
from flows.night.targets import Target
from flows.sources.subject import ReadApart, Source, Subject
from warehouse.ops import record_outcome
from warehouse.planner import lagging_filers, last_answered


class WrongCompanyError(SkipError):
    """The registrant behind the CIK is not the company that the watchlist names."""


def _names(company: SecCompany) -> list[str]:
    """The registrant's name and its former ones."""
    former = json.loads(company.former_names) if company.former_names else []
    return [company.name, *(entry["name"] for entry in former)]


def checked(parsed: Parsed, target: Target, stopped: set[str]) -> Parsed:
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


# Nobody is left unasked for longer, whatever the indexes say.
_LONGEST_QUIET = timedelta(days=7)
# A longer gap between nights costs fewer requests when everybody is asked.
_MOST_INDEXES = 10
_INDEX = "daily index "


def _subjects(night: Night) -> Iterator[Subject]:
    yield Subject(
        "company_tickers",
        lambda client: [fetch.fetch_company_tickers(client, night.url("sec_www_url"))],
        lambda response: parse.parse_company_tickers(response.body),
    )
    news = _Discovery(night)
    yield from news.subjects()
    stopped: set[str] = set()
    quiet = 0
    for registrant, cik in registrants(night):
        if news.has_something(registrant.label, cik):
            yield _company(night, registrant, cik, stopped)
        else:
            quiet += 1
    if quiet:
        record_outcome(
            night.warehouse,
            night.run_id,
            "sec",
            "quiet registrants",
            "fetch",
            "ok",
            "not asked: the daily indexes name no filing of theirs",
            quiet,
        )


def registrants(night: Night) -> Iterator[tuple[Target, int]]:
    """Each company that files, and each registrant that filed for it before, with its CIK."""
    for target in night.targets:
        if target.cik is not None:
            yield target, target.cik
        for former in target.predecessors:
            # Checked by its own name, and no reason to stop the company itself.
            yield (
                Target(
                    f"{target.company_id} {former.cik}",
                    former.name,
                    former.cik,
                    f"{target.label} {former.cik}",
                    (),
                ),
                former.cik,
            )


class _Discovery:
    """Which registrants have filed since they were last asked, by EDGAR's daily indexes.

    A night over the whole watchlist reads the index of each day since the last one that was read.
    Where that cannot tell, everybody is asked.
    """

    def __init__(self, night: Night) -> None:
        self._night = night
        self._named: set[int] = set()
        self._lagging: set[int] = set()
        self._read: set[date] = set()
        self._absent: set[date] = set()
        self._days: list[date] = []
        self._can_tell = False
        self._answered: dict[str, datetime] = {}
        # A sample has no index, companies that are asked for by name are asked, and a replay looks
        # for what it can find.
        if night.data == "sample" or night.plan.tickers or night.plan.replayed is not None:
            return
        self._answered = last_answered(night.warehouse, "sec")
        read_before = [
            date.fromisoformat(subject.removeprefix(_INDEX))
            for subject in self._answered
            if subject.startswith(_INDEX)
        ]
        self._days = _weekdays(max(read_before, default=None), night.as_of)
        self._can_tell = bool(read_before) and len(self._days) <= _MOST_INDEXES

    def subjects(self) -> Iterator[Subject]:
        """The indexes to read: where they cannot tell, the newest alone, to begin with."""
        wanted = self._days if self._can_tell else self._days[-1:]
        for day in wanted:
            yield self._index(day)
        # A day without an index was a holiday if a later day has one. The newest may come later.
        newest = max(self._read, default=date.min)
        unexplained = [day for day in wanted if day > newest]
        # One that is there and could not be read may name anybody.
        failed = set(wanted) - self._read - self._absent
        if len(unexplained) > 1 or failed:
            self._can_tell = False
        if self._can_tell:
            since = self._night.as_of - 2 * _LONGEST_QUIET
            self._lagging = lagging_filers(self._night.warehouse, since)

    def has_something(self, label: str, cik: int) -> bool:
        """Whether the registrant is to be asked tonight."""
        answered = self._answered.get(f"{label} companyfacts")
        if not self._can_tell or answered is None or cik in self._named | self._lagging:
            return True
        return self._night.as_of - answered.date() >= _LONGEST_QUIET

    def _index(self, day: date) -> Subject:
        night = self._night
        ciks = {cik for _, cik in registrants(night)}

        def read(response: Response) -> Parsed:
            parsed = parse_daily_index(response.body, day, ciks)
            self._read.add(day)
            self._named |= {row[0] for row in parsed.rows[INDEX]}
            return parsed

        def ask(client: HttpClient) -> list[Response]:
            try:
                return [fetch.fetch_daily_index(client, night.url("sec_www_url"), day)]
            except NotFoundError:
                self._absent.add(day)
                raise

        return Subject(f"{_INDEX}{day}", ask, read)


def _weekdays(after: date | None, last: date) -> list[date]:
    """The weekdays after `after` up to `last`; without it, the newest alone."""
    start = last - timedelta(days=6) if after is None else after + timedelta(days=1)
    count = (last - start).days + 1
    days = [start + timedelta(days=n) for n in range(count)]
    working = [day for day in days if day.weekday() < 5]
    return working if after is not None else working[-1:]


def _company(night: Night, target: Target, cik: int, stopped: set[str]) -> Subject:
    """What the registrant filed, which leads to its facts where it is the one that is meant."""
    data_url = night.url("sec_data_url")

    def parse_submissions(response: Response) -> Parsed:
        return checked(parse.parse_submissions(response.body, cik), target, stopped)

    facts = ReadApart(night.readers, partial(parse.companyfacts_lines, cik=cik))

    def company_facts() -> Iterator[Subject]:
        if target.company_id not in stopped:
            yield Subject(
                f"{target.label} companyfacts",
                lambda client: facts.begin([fetch.fetch_companyfacts(client, data_url, cik)]),
                lambda response: checked(facts.parsed(response), target, stopped),
                repeats=FACTS,
            )

    return Subject(
        f"{target.label} submissions",
        lambda client: fetch.fetch_submissions(client, data_url, cik),
        parse_submissions,
        apart=True,
        leads_to=company_facts,
    )


SOURCE = Source(
    "sec",
    "filings",
    ("sec_tickers",),
    _subjects,
    lambda night: 1 + 2 * sum(1 + len(target.predecessors) for target in night.targets),
    service=SERVICE,
    is_bundled=True,
)
