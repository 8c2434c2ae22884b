"""Addresses and paging of SEC's documents, as its EDGAR API page describes them."""

import re
from datetime import date

from connectors.bodies import load_object
from connectors.errors import BadBodyError, NotFoundError, RefusedError, SkipError
from connectors.http import HttpClient, Response
from connectors.request import Answer, Kind
from connectors.sec import SOURCE

# Its block page asks for ten minutes, and asking sooner makes them longer.
BLOCK_SECONDS = 600.0
_BLOCK_WORDS = (b"undeclared automated tool", b"request rate threshold", b"excessive requests")
_DOCUMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")


def company_tickers_url(www_url: str) -> str:
    """Address of the list of all listed symbols."""
    return f"{www_url.rstrip('/')}/files/company_tickers.json"


def companyfacts_url(data_url: str, cik: int) -> str:
    """Address of all XBRL facts of one filer."""
    return f"{data_url.rstrip('/')}/api/xbrl/companyfacts/CIK{cik:010d}.json"


def submissions_url(data_url: str, name: str) -> str:
    """Address of a filer's submissions document or of one page of its history."""
    return f"{data_url.rstrip('/')}/submissions/{name}"


def daily_index_url(www_url: str, day: date) -> str:
    """Address of the list of all filings of one day, by form."""
    quarter = (day.month + 2) // 3
    return (
        f"{www_url.rstrip('/')}/Archives/edgar/daily-index/{day.year}/QTR{quarter}"
        f"/form.{day:%Y%m%d}.idx"
    )


def document_url(www_url: str, cik: int, accession: str, name: str) -> str:
    """Address of one document of a filing in the Archives."""
    if not _ACCESSION.fullmatch(accession) or not _DOCUMENT_NAME.fullmatch(name):
        raise SkipError(
            SOURCE, "odd document name", f"{accession:.30} {name!r:.80}", "look at the filing"
        )
    folder = accession.replace("-", "")
    return f"{www_url.rstrip('/')}/Archives/edgar/data/{cik}/{folder}/{name}"


def fetch_company_tickers(client: HttpClient, www_url: str) -> Response:
    """Fetch the list of all listed symbols."""
    return _get(client, company_tickers_url(www_url))


def fetch_companyfacts(client: HttpClient, data_url: str, cik: int) -> Response:
    """Fetch all XBRL facts of one filer."""
    return _get(client, companyfacts_url(data_url, cik))


def fetch_daily_index(client: HttpClient, www_url: str, day: date) -> Response:
    """Fetch the list of all filings of one day; NotFoundError on a day without one."""
    return _get(client, daily_index_url(www_url, day))


def fetch_document(
    client: HttpClient, www_url: str, cik: int, accession: str, name: str
) -> Response:
    """Fetch one document of a filing."""
    return _get(client, document_url(www_url, cik, accession, name), "page")


def refuse_block(answer: Answer) -> None:
    """Tell SEC's two kinds of 403 apart: a page that blocks us, and a document it does not have."""
    if answer.status != 403:
        return
    body = answer.body.lower()
    if any(words in body for words in _BLOCK_WORDS):
        raise RefusedError(
            SOURCE,
            "blocked by SEC (status 403)",
            "its block page",
            "nobody asks SEC for ten minutes; see that the declared User-Agent names you",
            pause=BLOCK_SECONDS,
        )
    if b"<code>accessdenied</code>" in body:
        raise NotFoundError(SOURCE, "no such document", "status 403", "check the identifier")


def _get(client: HttpClient, url: str, kind: Kind = "data") -> Response:
    return client.get(SOURCE, url, judge=refuse_block, kind=kind)


def fetch_submissions(client: HttpClient, data_url: str, cik: int) -> list[Response]:
    """Fetch a filer's newest filings and every page of its history, the main document first.

    A page that cannot be had fails the whole: a history with a hole would look complete.
    """
    main = _get(client, submissions_url(data_url, f"CIK{cik:010d}.json"))
    names = history_pages(main.body, cik)
    return [main, *(_get(client, submissions_url(data_url, name)) for name in names)]


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
