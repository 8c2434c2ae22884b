"""Addresses and paging of SEC's JSON documents, as its EDGAR API page describes them."""

import re

from connectors.bodies import load_object
from connectors.errors import BadBodyError
from connectors.http import HttpClient, Response
from connectors.sec import SOURCE


def company_tickers_url(www_url: str) -> str:
    """Address of the list of all listed symbols."""
    return f"{www_url.rstrip('/')}/files/company_tickers.json"


def companyfacts_url(data_url: str, cik: int) -> str:
    """Address of all XBRL facts of one filer."""
    return f"{data_url.rstrip('/')}/api/xbrl/companyfacts/CIK{cik:010d}.json"


def fetch_company_tickers(client: HttpClient, www_url: str) -> Response:
    """Fetch the list of all listed symbols."""
    return client.get(SOURCE, company_tickers_url(www_url))


def fetch_companyfacts(client: HttpClient, data_url: str, cik: int) -> Response:
    """Fetch all XBRL facts of one filer."""
    return client.get(SOURCE, companyfacts_url(data_url, cik))


def fetch_submissions(client: HttpClient, data_url: str, cik: int) -> list[Response]:
    """Fetch a filer's newest filings and every page of its history, the main document first.

    A page that cannot be had fails the whole: a history with a hole would look complete.
    """
    base = f"{data_url.rstrip('/')}/submissions"
    main = client.get(SOURCE, f"{base}/CIK{cik:010d}.json")
    pages = [client.get(SOURCE, f"{base}/{name}") for name in history_pages(main.body, cik)]
    return [main, *pages]


def history_pages(body: bytes, cik: int) -> list[str]:
    """Names of the history pages that a main `submissions` document lists."""
    filings = load_object(SOURCE, body).get("filings")
    files = filings.get("files") if isinstance(filings, dict) else None
    if not isinstance(files, list):
        raise BadBodyError(
            SOURCE,
            "submissions without a list of history pages",
            f"CIK {cik}",
            "look at the capture: SEC may have changed the format",
        )
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in files]
    expected = re.compile(rf"CIK{cik:010d}-submissions-[0-9]{{3,}}\.json")
    for name in names:
        # The name becomes part of an address, so nothing but the known form may pass.
        if not isinstance(name, str) or not expected.fullmatch(name):
            raise BadBodyError(
                SOURCE,
                "history page with an unknown name",
                f"{name!r:.80}",
                "look at the capture: SEC may have changed the format",
            )
    return [str(name) for name in names]
