"""The companies that a night asks about."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import SourceError
from connectors.http import HttpClient
from connectors.sec import fetch as sec_fetch
from connectors.sec import parse as sec_parse
from connectors.sec.records import TICKERS, SecTicker
from flows.night.bad_request import BadRequestError
from flows.night.plan import Plan
from warehouse.watchlist import Company, Predecessor


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
