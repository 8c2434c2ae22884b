"""A night: the warehouse, the client, the companies to ask about and the clock of each step."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import migrations
from connectors.archive import Archive, Capture
from connectors.documents.reader import running_reader
from connectors.errors import SourceError
from connectors.http import HttpClient
from connectors.replay import ArchiveOnlyTransport, NoBreakers, NoLimits
from connectors.sample import SAMPLE_AS_OF
from connectors.sample import build as sample
from connectors.sample.transport import FOLDER as SAMPLE_FOLDER
from connectors.sample.transport import SampleTransport
from connectors.sec import fetch as sec_fetch
from connectors.sec import parse as sec_parse
from connectors.sec.records import TICKERS, SecTicker
from flows.bad_request import BadRequestError
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse, as_loader, open_warehouse
from warehouse.documents import use_reader
from warehouse.ops import (
    CUT_SHORT,
    CaptureTable,
    claim_data_kind,
    finish_run,
    require_data_kind,
    start_run,
    store_watchlist,
    unfinished_since,
)
from warehouse.quotas import LIMITS, RequestLedger
from warehouse.roles import ensure_reader_login
from warehouse.settings import Settings, load_settings
from warehouse.watchlist import Company, Predecessor, Watchlist, load_watchlist
from warehouse.writer import Writer, night_lock

DataKind = Literal["sample", "live"]


@dataclass(frozen=True)
class Target:
    """A company to ask about; `name` is None for one that the watchlist does not know."""

    company_id: str
    name: str | None
    cik: int | None
    ticker: str | None
    all_tickers: tuple[str, ...]
    predecessors: tuple[Predecessor, ...] = ()
    handles: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return self.ticker or self.company_id

    def known_as(self, source: str) -> list[str]:
        """The names by which that source knows the company."""
        return [handle for name, handle in self.handles if name == source]


@dataclass(frozen=True)
class Plan:
    """What a night is asked to do, checked before anything is written."""

    settings: Settings
    data: DataKind
    as_of: date
    watchlist: Watchlist
    tickers: tuple[str, ...]
    urls: Mapping[str, str]
    prices_from: date | None = None
    # The captures whose dead letters are loaded once more; such a night asks nobody.
    replayed: frozenset[int] | None = None


@dataclass
class StepTimer:
    """Seconds per step, in the order in which the steps ran."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - started


class Night:
    """An open run with everything its steps share.

    What comes from outside goes through `warehouse`, as the role that loads; `owner` is the same
    warehouse for what builds, shapes and publishes. A plain class: Prefect walks through
    dataclasses that are handed to its tasks.
    """

    def __init__(
        self,
        plan: Plan,
        warehouse: Warehouse,
        owner: Warehouse,
        client: HttpClient,
        targets: Sequence[Target],
        run_id: int,
        timer: StepTimer,
        writer: Writer,
    ) -> None:
        self.plan = plan
        self.settings = plan.settings
        self.data = plan.data
        self.as_of = plan.as_of
        self.warehouse = warehouse
        self.owner = owner
        self.client = client
        self.targets = targets
        self.run_id = run_id
        self.timer = timer
        self.writer = writer
        self.published = False

    def url(self, field: str) -> str:
        """The base URL in that setting, such as `ecb_url`; the bundled sample has its own."""
        return self.plan.urls[field]

    def key(self, field: str) -> str:
        """The API key in that setting; a source without its key is never asked."""
        return self.settings.key_of(field) or ""


def today_in_new_york() -> date:
    """The logical date of a live night: filings are dated by New York's day."""
    return datetime.now(ZoneInfo("America/New_York")).date()


def plan_night(
    data: DataKind,
    tickers: Sequence[str] | None = None,
    as_of: date | None = None,
    prices_from: date | None = None,
    replayed: frozenset[int] | None = None,
) -> Plan:
    """Check settings, watchlist and parameters without touching the warehouse.

    Raises SettingsError, WatchlistError or BadRequestError.
    """
    settings = load_settings()
    if data == "live" and replayed is None:
        settings.require_sec_user_agent()
    if data not in ("sample", "live"):
        raise BadRequestError(f"data={data!r} is neither 'sample' nor 'live'; give one of them")
    today = SAMPLE_AS_OF if data == "sample" else today_in_new_york()
    if as_of is not None and as_of > today:
        raise BadRequestError(
            f"--as-of {as_of} lies after {today}, the last day this {data} data can know; "
            "give that day or an earlier one"
        )
    if prices_from is not None and prices_from > (as_of or today):
        raise BadRequestError(
            f"start {prices_from} lies after the last day {as_of or today}; give an earlier one"
        )
    if data == "sample":
        watchlist = load_watchlist(SAMPLE_FOLDER / "watchlist.yaml")
        urls = settings.base_urls() | sample.BASE_URLS
    else:
        watchlist = load_watchlist(settings.watchlist) if settings.watchlist else load_watchlist()
        urls = settings.base_urls()
    return Plan(
        settings=settings,
        data=data,
        as_of=as_of or today,
        watchlist=watchlist,
        tickers=tuple(ticker.strip().upper() for ticker in tickers or () if ticker.strip()),
        urls=urls,
        prices_from=prices_from,
        replayed=replayed,
    )


def preflight(
    data: DataKind, tickers: Sequence[str] | None = None, as_of: date | None = None
) -> None:
    """Refuse a night that cannot run before anything slow starts.

    Migrations run, and a ticker outside the watchlist is looked up; no source's data changes.

    Raises what `open_night` raises for a wrong request.
    """
    plan = plan_night(data, tickers, as_of)
    with open_warehouse(plan.settings) as owner:
        _migrate(owner)
        require_data_kind(owner, plan.data)
        with as_loader(owner) as warehouse, make_client(plan, warehouse) as client:
            find_targets(plan, client)


def _migrate(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        migrations.upgrade(connection)
    ensure_reader_login(warehouse)


@contextmanager
def open_night(
    data: DataKind,
    tickers: Sequence[str] | None = None,
    as_of: date | None = None,
    prices_from: date | None = None,
    replayed: frozenset[int] | None = None,
) -> Iterator[Night]:
    """Open a run under the single-writer lock and close it with its status.

    Migrations run first; a run that ends without publishing is closed as failed, and readers stay
    on the last good one. Raises what `plan_night` raises, NightRefusedError and WarehouseError.
    """
    timer = StepTimer()
    with timer.step("prepare"):
        plan = plan_night(data, tickers, as_of, prices_from, replayed)
    with open_warehouse(plan.settings) as owner:
        with timer.step("prepare"):
            _migrate(owner)
        with as_loader(owner) as warehouse, night_lock(warehouse, _leave_at_once) as writer:
            with timer.step("prepare"):
                claim_data_kind(warehouse, plan.data)
                client = make_client(plan, warehouse)
                targets = find_targets(plan, client)
                store_watchlist(warehouse, plan.watchlist)
                # Also where nothing is read: what this release's reader read is in force.
                use_reader(warehouse, *running_reader())
                run_id = start_run(warehouse, plan.data, plan.as_of)
            night = Night(plan, warehouse, owner, client, targets, run_id, timer, writer)
            try:
                yield night
            except BaseException as error:
                status = "published" if night.published else "failed"
                detail = str(error)[:2000] if isinstance(error, Exception) else CUT_SHORT[1]
                finish_run(warehouse, run_id, status, detail, timer.seconds)
                raise
            finally:
                client.close()
            finish_run(
                warehouse,
                run_id,
                "published" if night.published else "loaded",
                timings=timer.seconds,
            )


def _leave_at_once() -> None:
    """End this process: what dbt builds from now on could be another night's.

    Raising would not do, since the thread that finds out is not the one that works.
    """
    print(
        "corpintel: the connection that holds the night's lock was cut; another night may begin, "
        "so this one ends here and readers stay on the last good one",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)


def make_client(plan: Plan, warehouse: Warehouse) -> HttpClient:
    """The one HTTP client: over the wire, over the bundled sample, or over the archive alone."""
    archive = Archive(plan.settings.archive_url)
    hosts = allowed_hosts(plan)
    log = CaptureTable(warehouse, Capture, plan.replayed or frozenset())
    breakers = SharedBreakers(warehouse)
    if plan.replayed is not None:
        return HttpClient(
            archive=archive,
            log=log,
            limits=NoLimits(),
            breakers=NoBreakers(),
            user_agent="corporate-intel replay",
            allowed_hosts=hosts,
            transport=ArchiveOnlyTransport(),
            reuse_since=datetime.min.replace(tzinfo=UTC),
        )
    if plan.data == "sample":
        return HttpClient(
            archive=archive,
            log=log,
            limits=NoLimits(),
            breakers=breakers,
            user_agent="corporate-intel sample",
            allowed_hosts=hosts,
            transport=SampleTransport(),
        )
    ledger = RequestLedger(warehouse)
    ledger.sweep()
    return HttpClient(
        archive=archive,
        log=log,
        limits=ledger,
        breakers=breakers,
        user_agent=plan.settings.require_sec_user_agent(),
        allowed_hosts=hosts,
        trusted_hosts=trusted_hosts(plan),
        reuse_since=unfinished_since(warehouse, plan.data, plan.as_of),
    )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def feed_urls(plan: Plan) -> list[str]:
    """Every feed of the watchlist: press rooms, then the trade press."""
    rooms = [url for company in plan.watchlist.companies for url in company.press_rooms]
    return list(dict.fromkeys([*rooms, *plan.watchlist.trade_press]))


def investor_urls(plan: Plan) -> list[str]:
    """Every investor page of the watchlist."""
    return [url for company in plan.watchlist.companies for url in company.investor_pages]


def allowed_hosts(plan: Plan) -> dict[str, set[str]]:
    """Per source the hosts that may be asked: those of its base URLs, of feeds, and of pages."""
    hosts = {
        source: {_host(url) for name, url in plan.urls.items() if name.startswith(f"{source}_")}
        for source in LIMITS
    }
    return hosts | {
        "feeds": {_host(url) for url in feed_urls(plan)},
        "investor_pages": {_host(url) for url in investor_urls(plan)},
    }


def trusted_hosts(plan: Plan) -> set[str]:
    """Hosts that may have a private address: base URLs set by the operator, and literal addresses
    in the watchlist, which name no one else's host.
    """
    listed = [*feed_urls(plan), *investor_urls(plan)]
    literal = {_host(url) for url in listed if _is_address(_host(url))}
    return {_host(url) for url in plan.settings.operator_urls()} | literal


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def find_targets(plan: Plan, client: HttpClient) -> list[Target]:
    """The companies to ask about: all of the watchlist, or those named by ticker.

    A ticker outside the watchlist is looked up at SEC; BadRequestError when nobody knows it.
    """
    if not plan.tickers:
        return [_target(plan, company) for company in plan.watchlist.companies]
    found = {ticker: plan.watchlist.find(ticker) for ticker in plan.tickers}
    unknown = [ticker for ticker, company in found.items() if company is None]
    listed = _look_up(plan, client, unknown) if unknown else {}
    targets = {}
    for ticker, company in found.items():
        target = _target(plan, company) if company is not None else listed[ticker]
        targets[target.company_id] = target
    return list(targets.values())


def _target(plan: Plan, company: Company) -> Target:
    symbols = tuple(ticker.symbol for ticker in company.tickers)
    return Target(
        company_id=company.id,
        name=company.name,
        cik=company.cik,
        # An ended ticker may be somebody else's by now: nobody is asked about it.
        ticker=plan.watchlist.current_ticker(company, plan.as_of),
        all_tickers=symbols,
        predecessors=company.predecessors,
        handles=tuple(company.handles()),
    )


def _look_up(plan: Plan, client: HttpClient, tickers: Sequence[str]) -> dict[str, Target]:
    try:
        response = sec_fetch.fetch_company_tickers(client, plan.urls["sec_www_url"])
        rows = sec_parse.parse_company_tickers(response.body).rows[TICKERS]
    except SourceError as error:
        raise BadRequestError(
            f"--tickers {','.join(tickers)}: not in the watchlist, and SEC's list of tickers "
            f"could not be asked ({error})"
        ) from error
    ciks = {row.ticker: row.cik for row in rows if isinstance(row, SecTicker)}
    unknown = [ticker for ticker in tickers if ticker not in ciks]
    if unknown:
        raise BadRequestError(
            f"--tickers {','.join(unknown)}: no such ticker in the watchlist nor in SEC's list; "
            "check the spelling, or add the company with its CIK to the watchlist"
        )
    return {
        ticker: Target(
            company_id=f"cik-{ciks[ticker]:010d}",
            name=None,
            cik=ciks[ticker],
            ticker=ticker,
            all_tickers=(ticker,),
        )
        for ticker in tickers
    }
