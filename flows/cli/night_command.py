"""corpintel nightly: a pre-flight check, the flow, and the summary that a person reads."""

import time
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from connectors.sample import SAMPLE_AS_OF, SAMPLE_DAY_BEFORE
from connectors.service import services
from flows.cli import environment
from flows.cli.options import TickersOption, to_date, to_tickers
from flows.night.bad_request import BadRequestError
from flows.night.open import preflight
from flows.night.plan import DataKind
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel nightly --tickers DUOL,COUR --as-of 2026-11-25")
def nightly(
    sample: Annotated[bool, typer.Option("--sample", help="Replay the bundled figures.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Ask the live sources (default).")] = False,
    tickers: TickersOption = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Logical date and knowledge cut.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Build every company, changed or not.")
    ] = False,
) -> None:
    """Fetch, check, load, build, test and publish: one whole night."""
    if sample and live:
        raise BadRequestError("--sample and --live exclude each other; give one of them")
    run("sample" if sample else "live", to_tickers(tickers), to_date("--as-of", as_of), full)


def run(
    data: DataKind, tickers: Sequence[str] | None, as_of: date | None, full: bool = False
) -> None:
    """Run a night in this process and print what came of it."""
    started = time.monotonic()
    environment.prepare(load_settings(services().values()).home)
    is_new = preflight(data, tickers, as_of)
    from flows.nightly import nightly

    days = [as_of]
    if data == "sample" and is_new and as_of is None and not tickers:
        days.insert(0, SAMPLE_DAY_BEFORE)
        print(
            f"A new home: first the night of {SAMPLE_DAY_BEFORE}, then that of {SAMPLE_AS_OF},"
            " which tells what changed.",
            flush=True,
        )
    with environment.shown_flow():
        for day in days:
            report = nightly(
                data=data, tickers=list(tickers) if tickers else None, as_of=day, full=full
            )
    show(report, time.monotonic() - started)


def show(report: object, seconds: float) -> None:
    """Print what a night did, for the person at the terminal."""
    from flows.steps.tell import (
        NightReport,
        built_text,
        certificate_text,
        grouped_problems,
        held_lines,
        share,
    )

    assert isinstance(report, NightReport)
    console = Console(highlight=False, soft_wrap=True)
    summary, publication = report.summary, report.publication
    # Narrow enough for a terminal of 80 columns.
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Ticker", no_wrap=True)
    for heading in ("Revenue 12m, m", "To", "Growth", "Gross", "Oper.", "Net"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Left out", no_wrap=True)
    shown = [(row, row.revenue_ttm) for row in report.companies if row.revenue_ttm is not None]
    for row, revenue in shown:
        table.add_row(
            row.ticker,
            f"{revenue / 1_000_000:,.1f} {row.currency}",
            str(row.ttm_end),
            share(row.revenue_growth_pct),
            share(row.gross_margin_pct),
            share(row.operating_margin_pct),
            share(row.net_margin_pct),
            row.left_out_reason or "",
        )
    console.print(table)
    more = report.counts.with_revenue - len(shown)
    if more:
        console.print(f"{more:,} more have figures: mart_company_performance.")
    blank = report.counts.companies - report.counts.with_revenue
    if blank:
        console.print(f"{blank:,} more have no figures yet.")
    if summary.problems:
        console.print("\nWhat is missing")
        for line in grouped_problems(summary.problems):
            console.print(f"  {line}")
    console.print(
        f"\nRun {summary.run_id} is published: {report.counts.companies:,} companies, "
        f"{summary.filings:,} filings, {summary.facts:,} facts; {summary.staged:,} rows arrived, "
        f"{summary.new:,} were new, {summary.rejected:,} rejected; "
        f"{summary.expectations} expectations, {summary.expectations_failed} broken; "
        f"{publication.rows_changed:,} mart rows changed.",
    )
    console.print(f"Content hash {publication.content_hash}")
    if report.certificate.verdicts:
        console.print(f"Accuracy certificate: {certificate_text(report.certificate)}.")
    console.print(built_text(report.built))
    for line in held_lines(report.held):
        console.print(line)
    if report.held:
        console.print("mart_data_quality lists them: check_name = 'held_back'.")
    if publication.coverage_losses:
        told = "; ".join(publication.coverage_losses[:8])
        more = len(publication.coverage_losses) - 8
        console.print(
            f"Fewer sound cells than before: {told}{f' and {more} more' if more > 0 else ''}."
        )
    steps = ", ".join(f"{name} {took:.1f} s" for name, took in report.seconds.items())
    rest = seconds - sum(report.seconds.values())
    console.print(f"Time: {steps}, Prefect and start-up {rest:.1f} s; {seconds:.1f} s in all.")
    for name, page in report.pages.items():
        console.print(f"Page: {name} {page}")
    console.print(
        "\nTry next:\n"
        '  corpintel sql "select ticker, revenue_ttm_usd from mart_company_performance '
        'order by 2 desc nulls last"'
    )
    filer = next((row.ticker for row, _ in shown if row.figures_source == "filing"), None)
    if filer is not None:
        console.print(f"  corpintel explain {filer} revenue")
    console.print("  corpintel report\n  corpintel db url")
