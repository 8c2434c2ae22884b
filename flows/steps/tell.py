"""Telling: the run's summary, Prefect artifacts for operators, and the static pages."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.night.open import Night
from reports.companies import write_company_report
from reports.validation import write_validation_page
from warehouse.ops import RunSummary, summarise_run
from warehouse.publishing.publications import Publication
from warehouse.read.companies import CompanyFigures, largest_companies
from warehouse.read.connection import open_reader
from warehouse.read.quality import certificate as certificate_of


@dataclass(frozen=True)
class NightReport:
    """What a night did, for people."""

    summary: RunSummary
    publication: Publication
    companies: list[CompanyFigures]
    certificate: dict[str, int]
    seconds: dict[str, float]
    pages: dict[str, Path]


def tell(night: Night, publication: Publication) -> NightReport:
    """Summarise the run, write its pages and create its artifacts."""
    summary = summarise_run(night.owner, night.run_id)
    with open_reader(night.owner) as connection:
        companies = largest_companies(connection)
        certificate = certificate_of(connection)
    create_markdown_artifact(
        key="night-summary",
        markdown=summary_markdown(summary, publication, companies, certificate),
        description=f"Run {night.run_id}",
    )
    if summary.rejected_by_rule:
        create_table_artifact(
            key="rejected-rows",
            table=[
                {"table": table, "rule": rule, "rows": count}
                for table, rule, count in summary.rejected_by_rule
            ],
            description=f"Rows that run {night.run_id} set aside",
        )
    return NightReport(
        summary=summary,
        publication=publication,
        companies=companies,
        certificate=certificate,
        seconds=night.timer.seconds,
        pages={
            "companies": write_company_report(night.owner, night.settings.home / "report.html"),
            "validation": write_validation_page(
                night.owner, night.run_id, night.settings.home / "validation.html"
            ),
        },
    )


def amount(value: Decimal | None, currency: str | None) -> str:
    """A money amount in millions, as people read it; a dash for a blank."""
    return "–" if value is None else f"{value / 1_000_000:,.1f} m {currency or ''}".strip()


def share(value: Decimal | None) -> str:
    """A share as per cent; a dash for a blank."""
    return "–" if value is None else f"{value * 100:,.1f} %"


def certificate_text(certificate: dict[str, int]) -> str:
    """The score of the hand-checked cells in a line."""
    right = sum(
        certificate.get(verdict, 0) for verdict in ("exact", "alternative", "rightly_blank")
    )
    return (
        f"{right:,} of {sum(certificate.values()):,} hand-checked answers right, "
        f"{certificate.get('wrong', 0) + certificate.get('invented', 0):,} wrong, "
        f"{certificate.get('abstained', 0):,} abstained"
    )


def summary_markdown(
    summary: RunSummary,
    publication: Publication,
    companies: list[CompanyFigures],
    certificate: dict[str, int],
) -> str:
    """The run in a page of Markdown, for the Prefect UI."""
    lines = [
        f"# Run {summary.run_id} published",
        "",
        f"{len(companies)} companies, {summary.filings:,} filings, {summary.facts:,} facts, "
        f"{summary.rejected:,} rows rejected, {publication.rows_changed:,} mart rows changed.",
        "",
        f"Content hash `{publication.content_hash}`",
        "",
        f"Accuracy certificate: {certificate_text(certificate)}.",
        "",
        "| Ticker | Revenue, 12 months | To | Growth | Operating margin |",
        "| --- | ---: | --- | ---: | ---: |",
    ]
    lines += [
        f"| {row.ticker} | {amount(row.revenue_ttm, row.currency)} | "
        f"{row.ttm_end or '–'} | {share(row.revenue_growth_pct)} | "
        f"{share(row.operating_margin_pct)} |"
        for row in companies
    ]
    if summary.problems:
        lines += ["", "## What is missing", ""]
        lines += [f"- {' · '.join(problem)}" for problem in summary.problems]
    return "\n".join(lines)
