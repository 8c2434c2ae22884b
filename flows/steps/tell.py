"""Telling: the run's summary, Prefect artifacts for operators, and the static pages."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.night.open import Night
from reports.site.write import write_site
from reports.validation import write_validation_page
from warehouse.ops import RunSummary, summarise_run
from warehouse.publishing.publications import Publication
from warehouse.read.companies import (
    CompanyCounts,
    CompanyFigures,
    company_counts,
    largest_companies,
)
from warehouse.read.connection import open_operator, open_reader
from warehouse.read.nights import asked_sources
from warehouse.read.quality import Certificate, HeldBack, held_back
from warehouse.read.quality import certificate as certificate_of

# Of companies that are many, the first are shown and the others counted.
MOST_SHOWN = 25
MOST_PROBLEMS = 50


@dataclass(frozen=True)
class NightReport:
    """What a night did, for people; `companies` are the largest ones."""

    summary: RunSummary
    publication: Publication
    companies: list[CompanyFigures]
    counts: CompanyCounts
    certificate: Certificate
    held: list[HeldBack]
    built: Mapping[str, int]
    seconds: dict[str, float]
    pages: dict[str, Path]


def tell(night: Night, publication: Publication) -> NightReport:
    """Summarise the run, write its pages and create its artifacts."""
    summary = summarise_run(night.owner, night.run_id)
    with open_reader(night.owner) as connection:
        companies = largest_companies(connection, MOST_SHOWN)
        counts = company_counts(connection)
        certificate = certificate_of(connection)
        held = held_back(connection)
    reasons = night.built.changes.reasons
    create_markdown_artifact(
        key="night-summary",
        markdown=summary_markdown(
            summary, publication, companies, counts, certificate, held, reasons, night.down
        ),
        description=f"Run {night.run_id}",
    )
    create_table_artifact(
        key="build-by-domain",
        table=[
            {
                "domain": domain,
                "models": took.models,
                "seconds": round(took.seconds, 1),
                "rows": took.rows,
            }
            for domain, took in night.built.result.by_domain.items()
        ],
        description=f"What run {night.run_id} built",
    )
    create_table_artifact(
        key="slowest-models",
        table=[
            {"model": model, "seconds": round(seconds, 2)}
            for model, seconds in sorted(
                night.built.result.seconds_of.items(), key=lambda found: -found[1]
            )[:MOST_SHOWN]
        ],
        description=f"The models that took run {night.run_id} longest",
    )
    with open_operator(night.owner) as operator:
        asked = asked_sources(operator, night.run_id)
    create_table_artifact(
        key="sources",
        table=[asdict(one) for one in asked],
        description=f"What run {night.run_id} asked, and what was answered",
    )
    if held:
        create_table_artifact(
            key="held-back",
            table=[
                {
                    "company": one.company_id,
                    "test": one.test,
                    "rows": one.failures,
                    "since": str(one.since_date),
                }
                for one in held[:MOST_PROBLEMS]
            ],
            description=(
                f"Companies that run {night.run_id} left on their earlier rows: {len(held):,}"
            ),
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
        counts=counts,
        certificate=certificate,
        held=held,
        built=reasons,
        seconds=night.timer.seconds,
        pages={
            "companies": write_site(night.owner, night.settings.home / "site").first_page,
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


def certificate_text(certificate: Certificate) -> str:
    """The score of the hand-checked cells, and of what was read in documents, in a line."""
    verdicts, readings = certificate.verdicts, certificate.readings
    right = sum(verdicts.get(verdict, 0) for verdict in ("exact", "alternative", "rightly_blank"))
    cells = (
        f"{right:,} of {sum(verdicts.values()):,} hand-checked answers right, "
        f"{verdicts.get('wrong', 0) + verdicts.get('invented', 0):,} wrong, "
        f"{verdicts.get('abstained', 0):,} abstained"
    )
    if not readings.checked:
        return cells
    same = readings.checked - readings.contradicted
    return f"{cells}; {same:,} of {readings.checked:,} figures of documents as filings tag them"


def built_text(reasons: Mapping[str, int]) -> str:
    """Why companies were built, in a line; a night may find nothing to build."""
    if not reasons:
        return "Nothing changed, so no company was built."
    told = ", ".join(f"{count:,} {why}" for why, count in reasons.items())
    return f"Companies built, by why they changed: {told}."


def held_text(one: HeldBack) -> str:
    """A company that was held back, in a line."""
    return (
        f"Held back since {one.since_date}: {one.company_id} keeps its earlier rows, since its new "
        f"ones fail {one.test} ({one.failures:,} rows)"
    )


def grouped_problems(problems: Sequence[tuple[str, str, str, str, str]]) -> list[str]:
    """One line for each kind of problem, naming its subjects; many are counted."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for source, subject, step, status, detail in problems:
        groups.setdefault((source, step, status, detail), []).append(subject)
    lines = []
    for (source, step, status, detail), subjects in groups.items():
        named = ", ".join(subjects[:3]) + (
            f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
        )
        lines.append(f"{source}: {step} {status}: {named}{f': {detail}' if detail else ''}")
    more = len(lines) - MOST_PROBLEMS
    return lines[:MOST_PROBLEMS] + ([f"and {more:,} more: ops.outcomes"] if more > 0 else [])


def held_lines(held: Sequence[HeldBack]) -> list[str]:
    """The companies that were held back, a line each; of many the first, and how many more."""
    lines = [f"{held_text(one)}." for one in held[:MOST_SHOWN]]
    if len(held) > MOST_SHOWN:
        lines.append(f"{len(held) - MOST_SHOWN:,} more are held back.")
    return lines


def summary_markdown(
    summary: RunSummary,
    publication: Publication,
    companies: list[CompanyFigures],
    counts: CompanyCounts,
    certificate: Certificate,
    held: Sequence[HeldBack],
    reasons: Mapping[str, int],
    down: Sequence[str] = (),
) -> str:
    """The run in a page of Markdown, for the Prefect UI."""
    lines = [
        f"# Run {summary.run_id} published",
        "",
        f"{counts.companies:,} companies, {summary.filings:,} filings, {summary.facts:,} facts, "
        f"{summary.rejected:,} rows rejected, {publication.rows_changed:,} mart rows changed.",
        "",
        f"Content hash `{publication.content_hash}`",
        "",
        f"Accuracy certificate: {certificate_text(certificate)}.",
        "",
        built_text(reasons),
        "",
        *[f"**{line}**\n" for line in (*down, *held_lines(held))],
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
    if counts.companies > len(companies):
        lines += ["", f"{counts.companies - len(companies):,} more: mart_company_performance"]
    if summary.problems:
        lines += ["", "## What is missing", ""]
        lines += [f"- {line}" for line in grouped_problems(summary.problems)]
    return "\n".join(lines)
