"""corpintel documents: search what was read, list verdicts, read a file, fetch and read anew."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from flows.cli import environment
from flows.cli.options import (
    FormatOption,
    OutputFormat,
    TickersOption,
    to_date,
    to_number,
    to_tickers,
)
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from warehouse.db import open_warehouse
from warehouse.documents import count_unread
from warehouse.read.companies import find_company
from warehouse.read.connection import open_reader
from warehouse.read.documents import (
    HIT_START,
    HIT_STOP,
    list_documents,
    read_sections,
    search_documents,
)
from warehouse.settings import load_settings

_FOUND = (
    "ticker", "document_type", "filed_date", "section", "title", "speaker", "page", "url",
    "passage",
)  # fmt: skip
_LISTED = (
    "ticker", "document_type", "filed_date", "verdict", "pages", "characters", "detail", "url",
)  # fmt: skip
_UNREAD = ("place", "documents", "times", "words", "passage")


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
    from connectors.documents.reader import running_reader

    with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
        company_id = find_company(connection, ticker).company_id if ticker else None
        documents = list_documents(connection, company_id)
    # Addresses take more room than a terminal has.
    shown = _LISTED[:-1] if output == "table" else _LISTED
    print_rows(shown, [[getattr(one, name) for name in shown] for one in documents], output)
    waiting = sum(one.reader_sha != running_reader().sha for one in documents)
    if output == "table" and waiting:
        print(f"{waiting:,} of {len(documents):,} not read by this release's reader yet")


def read(path: Path, document_type: str, show: str, output: str) -> None:
    """Read a document on disk as a night would, and print one part of what it says."""
    from connectors.documents.sandbox import DocumentReader

    body = _bytes_of(path)
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
            [(k.metric, k.period.label if k.period else None, _value(k.value, k.unit, output),
              k.unit, k.status, k.witness, k.witnesses, k.confidence, k.page, k.start, k.end,
              k.sentence)
             for k in reading.kpis],
        ),
        "guidance": (
            ("metric", "period", "low", "high", "unit", "page", "sentence"),
            [(g.metric, g.period.label, _value(g.low, g.unit, output),
              _value(g.high, g.unit, output), g.unit, g.page, g.sentence)
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


def show_unread(paths: list[Path], ticker: str | None, most: int, output: str) -> None:
    """Print the words under which documents tell figures that no metric reads."""
    from flows.cli.unread_words import count_unread_words

    if not 1 <= most <= 100_000:
        raise BadRequestError(f"--limit {most} is not from 1 to 100000; give such a number")
    if paths and ticker:
        raise BadRequestError("--ticker names a company of the marts; give it or files, not both")
    if paths:
        unread = count_unread_words(_sections_of_files(paths))
    else:
        with open_warehouse(load_settings()) as warehouse, open_reader(warehouse) as connection:
            company_id = find_company(connection, ticker).company_id if ticker else None
            unread = count_unread_words(read_sections(connection, company_id))
    print_rows(_UNREAD, [[getattr(one, name) for name in _UNREAD] for one in unread[:most]], output)
    if output == "table":
        print(f"{len(unread):,} rows and sentences by their words, the most widespread first")


def _sections_of_files(paths: list[Path]) -> Iterator[tuple[str, str, str]]:
    from connectors.documents.sandbox import DocumentReader
    from flows.steps.progress import shown_progress, step

    reader = DocumentReader()
    try:
        with shown_progress(), step("Reading", len(paths), "files") as advance:
            for path in paths:
                for section in reader.read(_bytes_of(path), "").sections:
                    yield str(path), section.code, section.text
                advance(1)
    finally:
        reader.close()


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadRequestError(f"{path}: {error.strerror}; name a readable file") from None


def _value(value: Decimal, unit: str, output: str) -> str:
    """A value in its digits; a share as per cent where people read it."""
    is_shown = output == "table" and unit == "percent"
    return f"{value.scaleb(2):f} %" if is_shown else f"{value:f}"


def update(
    data: Literal["sample", "live"], tickers: list[str] | None, as_of: date | None, reads_only: bool
) -> None:
    """Fetch what was filed and read what is unread, without publishing."""
    settings = load_settings()
    environment.prepare(settings.home)
    from connectors.documents.reader import running_reader
    from flows.load import load
    from flows.night.open import preflight

    preflight(data, tickers, as_of)
    with environment.shown_flow():
        run_id = load("readings" if reads_only else "documents", data, tickers, as_of)
    print(f"Run {run_id} loaded what it read. Publish it: corpintel publish")
    with open_warehouse(settings) as warehouse:
        waiting = count_unread(warehouse, running_reader().sha)
    if waiting:
        print(
            f"Documents that wait: {waiting:,}. A run reads {settings.documents_a_night:,}, the "
            "newest first (CORPINTEL_DOCUMENTS_A_NIGHT); run it once more for the next."
        )


app = typer.Typer(
    help="Filings, releases and investor pages: search, verdicts, reading.",
    no_args_is_help=True,
    add_completion=False,
)
_TickerOption = Annotated[
    str | None, typer.Option("--ticker", metavar="TICKER", help="Those of one company only.")
]


class DocumentPart(StrEnum):
    """What `corpintel documents read` prints."""

    verdict = "verdict"
    sections = "sections"
    kpis = "kpis"
    guidance = "guidance"
    facts = "facts"
    text = "text"


@app.command("search", epilog="Example: corpintel documents search 'net retention' --ticker DUOL")
def search_command(
    words: Annotated[str, typer.Argument(help='Words, "a phrase", or, -without.')],
    ticker: _TickerOption = None,
    form: Annotated[
        str | None, typer.Option("--form", metavar="TYPE", help="10-K, EX-99.1 and so on.")
    ] = None,
    section: Annotated[
        str | None, typer.Option("--section", metavar="CODE", help="1A, 7, guidance and so on.")
    ] = None,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="How many at most.")] = "10",
    format_: FormatOption = OutputFormat.table,
) -> None:
    """Find the sections that say these words, with the passages."""
    search(words, ticker, form, section, to_number("--limit", limit), format_.value)


@app.command("list", epilog="Example: corpintel documents list --ticker DUOL --format csv")
def list_command(ticker: _TickerOption = None, format_: FormatOption = OutputFormat.table) -> None:
    """List the documents and how far each was read."""
    show_list(ticker, format_.value)


@app.command(
    "read", epilog="Example: corpintel documents read letter.pdf --type EX-99.1 --show kpis"
)
def read_command(
    path: Annotated[Path, typer.Argument(help="An HTML, text or PDF file.")],
    type_: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="10-K, EX-99.1; default by its cover.")
    ] = "",
    show: Annotated[
        DocumentPart, typer.Option("--show", help="Which part of what it says.")
    ] = DocumentPart.verdict,
    format_: FormatOption = OutputFormat.table,
) -> None:
    """Read a file as a night would, and print what it says; nothing is stored."""
    read(path, type_, show.value, format_.value)


@app.command("unread", epilog="Example: corpintel documents unread --ticker DUOL --limit 20")
def unread_command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files to look in; default what the marts hold.")
    ] = None,
    ticker: _TickerOption = None,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="How many at most.")] = "50",
    format_: FormatOption = OutputFormat.table,
) -> None:
    """Show which figures no metric reads, by the words of their rows and sentences."""
    show_unread(paths or [], ticker, to_number("--limit", limit), format_.value)


@app.command("update", epilog="Example: corpintel documents update --read-only")
def update_command(
    sample: Annotated[bool, typer.Option("--sample", help="In a sample warehouse.")] = False,
    tickers: TickersOption = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Logical date.")] = None,
    reads_only: Annotated[
        bool, typer.Option("--read-only", help="Ask nobody; read what the archive holds.")
    ] = False,
) -> None:
    """Fetch documents of loaded filings, and read what no reader of today has, unpublished."""
    update(
        "sample" if sample else "live", to_tickers(tickers), to_date("--as-of", as_of), reads_only
    )
