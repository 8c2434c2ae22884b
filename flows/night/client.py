"""The HTTP client of a night, and the hosts that it may ask."""

from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from connectors.archive import Archive, Capture
from connectors.http import HttpClient
from connectors.replay import ArchiveOnlyTransport, NoBreakers, NoLimits
from connectors.sample.transport import SampleTransport
from connectors.service import limits, services
from flows.night.plan import Plan
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse
from warehouse.ops import CaptureTable, unfinished_since
from warehouse.quotas import RequestLedger


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
            transport=SampleTransport(plan.as_of),
        )
    ledger = RequestLedger(warehouse, limits())
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
        name: {_host(plan.urls[setting]) for setting in service.base_urls}
        for name, service in services().items()
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
