"""corpintel documents: search what was read, list verdicts, read a file, fetch and read anew."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

from flows.bad_request import BadRequestError
from flows.cli import environment
from flows.cli.printing import print_rows
from warehouse.db import open_warehouse
from warehouse.read.companies import find_company
from warehouse.read.connection import open_reader
from warehouse.read.documents import HIT_START, HIT_STOP, list_documents, search_documents
from warehouse.settings import load_settings

_FOUND = (
    "ticker", "document_type", "filed_date", "section", "title", "speaker", "page", "url",
    "passage",
)  # fmt: skip
_LISTED = (
    "ticker", "document_type", "filed_date", "verdict", "pages", "characters", "detail", "url",
)  # fmt: skip


def search(
    words: str, ticker: str | None, form: str | None, section: str | None, most: int, output: str
) -> None:
    """Print the sections that say these words, the fittest first, with the passages."""
    if not words.strip():
        raise BadRequestError('give words to look for: corpintel documents search "net retention"')
    if not 1 <= most <= 1000:
        raise BadRequestError(f"--limit {most} is not from 1 to 1000; give such a number")
    with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
        found = search_documents(
            connection,
            words,
            company_id=find_company(connection, ticker).company_id if ticker else None,
            form=form.strip().upper() if form else None,
            section=section.strip() if section else None,
            most=most,
        )
    if output != "table":
        rows = [
            (*(getattr(one, name) for name in _FOUND[:-1]), _marked(one.passage)) for one in found
        ]
        print_rows(_FOUND, rows, output)
        return
    console = Console(highlight=False)
    for one in found:
        place = f", page {one.page}" if one.page else ""
        said = f", {one.speaker}" if one.speaker else ""
        heading = f"{one.ticker}  {one.document_type}  {one.filed_date}  {one.section} {one.title}"
        console.print(Text(f"{heading}{said}{place}", "bold"))
        console.print(_shown(one.passage))
        console.print(Text(f"{one.url}\n", "dim"))
    more = " and there may be more: raise --limit" if len(found) == most else ""
    print(f"{len(found):,} sections{more}")


def _marked(passage: str) -> str:
    return " ".join(passage.split()).replace(HIT_START, "**").replace(HIT_STOP, "**")


def _shown(passage: str) -> Text:
    shown = Text()
    for number, part in enumerate(" ".join(passage.split()).split(HIT_START)):
        hit, stop, rest = part.partition(HIT_STOP)
        if number and stop:
            shown.append(hit, "bold reverse")
            shown.append(rest)
        else:
            shown.append(part)
    return shown


def show_list(ticker: str | None, output: str) -> None:
    """Print the documents of the marts and how far each was read."""
    with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
        company_id = find_company(connection, ticker).company_id if ticker else None
        documents = list_documents(connection, company_id)
    # Addresses take more room than a terminal has.
    shown = _LISTED[:-1] if output == "table" else _LISTED
    print_rows(shown, [[getattr(one, name) for name in shown] for one in documents], output)


def read(path: Path, document_type: str, show: str, output: str) -> None:
    """Read a document on disk as a night would, and print one part of what it says."""
    from connectors.documents.sandbox import DocumentReader

    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadRequestError(f"{path}: {error.strerror}; name a readable file") from None
    reader = DocumentReader()
    try:
        reading = reader.read(body, document_type.upper())
    finally:
        reader.close()
    if show == "text":
        print("\n".join(section.text for section in reading.sections))
        return
    parts: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
        "verdict": (
            ("verdict", "detail", "media", "pages", "characters", "period_end", "fiscal_year",
             "fiscal_quarter", "sections", "facts", "kpis", "guidance"),
            [(reading.verdict, reading.detail, reading.media, reading.pages, reading.characters,
              reading.period_end, reading.fiscal_year, reading.fiscal_quarter,
              len(reading.sections), len(reading.facts), len(reading.kpis), len(reading.guidance))],
        ),
        "sections": (
            ("section", "title", "speaker", "page", "start", "end", "words"),
            [(s.code, s.title, s.speaker, s.page, s.start, s.end, s.tone.words)
             for s in reading.sections],
        ),
        "kpis": (
            ("metric", "period", "value", "unit", "status", "witness", "witnesses", "confidence",
             "page", "start", "end", "sentence"),
            [(k.metric, k.period.label if k.period else None, f"{k.value:f}", k.unit, k.status,
              k.witness, k.witnesses, k.confidence, k.page, k.start, k.end, k.sentence)
             for k in reading.kpis],
        ),
        "guidance": (
            ("metric", "period", "low", "high", "unit", "page", "sentence"),
            [(g.metric, g.period.label, f"{g.low:f}", f"{g.high:f}", g.unit, g.page, g.sentence)
             for g in reading.guidance],
        ),
        "facts": (
            ("concept", "unit", "start_date", "end_date", "value", "decimals", "dimensions"),
            [(f.concept, f.unit, f.start_date, f.end_date, f"{f.value:f}", f.decimals,
              dict(f.dimensions)) for f in reading.facts],
        ),
    }  # fmt: skip
    names, rows = parts[show]
    if show == "verdict" and output == "table":
        for name, value in zip(names, rows[0], strict=True):
            print(f"{name:<15} {'' if value is None else value}".rstrip())
        return
    print_rows(names, rows, output)


def update(
    data: Literal["sample", "live"], tickers: list[str] | None, as_of: date | None, reads_only: bool
) -> None:
    """Fetch what was filed and read what is unread, without publishing."""
    settings = load_settings()
    environment.prepare(settings.home)
    from flows.documents import documents
    from flows.steps.night import preflight
    from flows.steps.progress import shown_progress

    preflight(data, tickers, as_of)
    with shown_progress():
        run_id = documents(data=data, tickers=tickers, as_of=as_of, reads_only=reads_only)
    print(f"Run {run_id} loaded what it read. Publish it: corpintel publish")
