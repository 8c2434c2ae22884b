"""What a night is asked to do, checked before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from connectors.sample import SAMPLE_AS_OF
from connectors.sample.addresses import BASE_URLS
from connectors.sample.transport import FOLDER as SAMPLE_FOLDER
from connectors.service import services
from flows.night.bad_request import BadRequestError
from warehouse.settings import Settings, load_settings
from warehouse.watchlist import Watchlist, load_watchlist

DataKind = Literal["sample", "live"]

# EDGAR's first year; what is counted back from a day of it stays a date.
EARLIEST: Final = date(1993, 1, 1)


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


def today_in_new_york() -> date:
    """The logical date of a live night: filings are dated by New York's day."""
    return datetime.now(ZoneInfo("America/New_York")).date()


def today_of(data: DataKind) -> date:
    """The last day that this kind of data can know."""
    return SAMPLE_AS_OF if data == "sample" else today_in_new_york()


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
    settings = load_settings(services().values())
    if data == "live" and replayed is None:
        settings.require_sec_user_agent()
    if data not in ("sample", "live"):
        raise BadRequestError(f"data={data!r} is neither 'sample' nor 'live'; give one of them")
    today = today_of(data)
    if as_of is not None and as_of > today:
        raise BadRequestError(
            f"--as-of {as_of} lies after {today}, the last day this {data} data can know; "
            "give that day or an earlier one"
        )
    for option, day in (("--as-of", as_of), ("start", prices_from)):
        if day is not None and day < EARLIEST:
            raise BadRequestError(
                f"{option} {day} lies before {EARLIEST}, when nothing was filed electronically; "
                "give that day or a later one"
            )
    if prices_from is not None and prices_from > (as_of or today):
        raise BadRequestError(
            f"start {prices_from} lies after the last day {as_of or today}; give an earlier one"
        )
    if data == "sample":
        watchlist = load_watchlist(SAMPLE_FOLDER / "watchlist.yaml")
        urls = settings.base_urls() | BASE_URLS
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
