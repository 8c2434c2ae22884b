"""What the made-up company filed: SEC's list of it, reports, and releases of results.

A report tags its segments, and names its risks; a release tells paid subscribers and what is
expected. All sentences are this project's own, and say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any, Final

from connectors.sample import SAMPLE_AS_OF, SAMPLE_DAY_BEFORE, SAMPLE_FETCHED_AT
from connectors.sample.addresses import SEC_DATA_URL, SEC_WWW_URL
from connectors.sample.document import Document, json_document, page
from connectors.sample.made_up import CIK, NAME, NOTICE, TICKER
from connectors.sample.made_up_accounts import (
    OPERATING_INCOME,
    REVENUE,
    Quarter,
    Report,
    accession,
    company_facts,
    quarters,
    reports,
)
from connectors.sec.fetch import companyfacts_url, document_url, submissions_url

_DOCUMENTS_SINCE: Final = date(2024, 7, 1)
_ORDINALS: Final = ("First", "Second", "Third", "Fourth")
_STAYS: Final = (
    "Schools buy our courses once a year, before summer, so that a late budget moves a whole"
    " year of their revenue, and we cannot make up for it in the months that follow."
)
_WENT: Final = (
    "We rent all of our computers from one provider; an outage of its data centers would stop"
    " lessons everywhere at once, and we have no second provider to turn to."
)
_CAME: Final = (
    "Learners now ask free chat programs what they used to ask our tutors; if many of them no"
    " longer pay for help, subscriptions may shrink faster than schools can replace them."
)
# Segment, the axis's member, its share of revenue and of operating income.
_SEGMENTS: Final = (
    ("Schools", "mul:SchoolsSegmentMember", Decimal("0.6"), Decimal("0.7")),
    ("Learners", "mul:LearnersSegmentMember", Decimal("0.4"), Decimal("0.3")),
)


@dataclass(frozen=True)
class _Release:
    """A current report with a release: which quarter it tells, and what it expects of the next.

    Subscribers are in thousands; `in_table` is what its table says where it says another number.
    """

    number: int
    filed: date
    quarter: Quarter
    subscribers: int | None
    in_table: int | None
    outlook: str | None

    @property
    def accession(self) -> str:
        return accession(self.filed.year, self.number)


def filings() -> Iterator[Document]:
    """Everything of SEC's: the list and the facts of each of the last two days, and documents."""
    for known_on, fetched_at in days():
        name = f"CIK{CIK:010d}.json"
        yield json_document(submissions_url(SEC_DATA_URL, name), _submissions(known_on), fetched_at)
        yield json_document(
            companyfacts_url(SEC_DATA_URL, CIK), company_facts(known_on), fetched_at
        )
    (_, fetched_at) = days()[-1]
    for report in reports():
        if report.filed >= _DOCUMENTS_SINCE:
            url = document_url(SEC_WWW_URL, CIK, report.accession, report.document)
            yield page(url, _report(report), fetched_at)
    for release in _releases():
        for name, body in (
            (f"{release.accession}-index.htm", _index()),
            ("current.htm", _current(release)),
            ("release.htm", _told(release)),
        ):
            url = document_url(SEC_WWW_URL, CIK, release.accession, name)
            yield page(url, body, fetched_at)


def days() -> tuple[tuple[date, datetime], ...]:
    """The sample's last but one day and its last, each with when it was fetched."""
    return (
        (SAMPLE_DAY_BEFORE, SAMPLE_FETCHED_AT - (SAMPLE_AS_OF - SAMPLE_DAY_BEFORE)),
        (SAMPLE_AS_OF, SAMPLE_FETCHED_AT),
    )


def _releases() -> Sequence[_Release]:
    told = {(q.fiscal_year, q.number): q for q in quarters()}
    return (
        _Release(101, date(2025, 7, 10), told[2025, 2], 950, None, None),
        _Release(102, date(2025, 10, 9), told[2025, 3], None, None, None),
        _Release(
            103,
            date(2026, 1, 28),
            told[2025, 4],
            1_100,
            None,
            "For the first quarter of fiscal 2026, we expect revenue of $106 million to $110"
            " million.",
        ),
        _Release(
            104,
            date(2026, 4, 8),
            told[2026, 1],
            1_200,
            1_020,
            "For the second quarter of fiscal 2026, we expect revenue of $114 million to $118"
            " million.",
        ),
    )


def _submissions(known_on: date) -> dict[str, Any]:
    rows = [
        (r.accession, r.form, r.filed, r.quarter.end, r.document, "", 1)
        for r in reports()
        if r.filed <= known_on
    ]
    rows += [
        (r.accession, "8-K", r.filed, r.filed, "current.htm", "2.02,9.01", 0) for r in _releases()
    ]
    rows.sort(key=lambda row: (row[2], row[0]), reverse=True)
    return {
        "cik": f"{CIK:010d}",
        "name": NAME,
        "sic": "8200",
        "sicDescription": "Services-Educational Services",
        "category": "Accelerated filer",
        "fiscalYearEnd": "1130",
        "tickers": [TICKER],
        "exchanges": ["Nasdaq"],
        "formerNames": [],
        "filings": {
            "recent": {
                "accessionNumber": [row[0] for row in rows],
                "form": [row[1] for row in rows],
                "filingDate": [row[2].isoformat() for row in rows],
                "reportDate": [row[3].isoformat() for row in rows],
                "acceptanceDateTime": [f"{row[2]}T20:05:00.000Z" for row in rows],
                "primaryDocument": [row[4] for row in rows],
                "primaryDocDescription": [row[1] for row in rows],
                "items": [row[5] for row in rows],
                "size": [20_000 for _ in rows],
                "isXBRL": [row[6] for row in rows],
                "isInlineXBRL": [row[6] for row in rows],
            },
            "files": [],
        },
    }


def _report(report: Report) -> str:
    quarter = report.quarter
    contexts, tables = [], []
    for age, fiscal_year in enumerate((quarter.fiscal_year, quarter.fiscal_year - 1)):
        span = [
            q
            for q in quarters()
            if q.fiscal_year == fiscal_year and (report.is_annual or q.number == quarter.number)
        ]
        if span:
            found, table = _told_by_segment(f"{age}", span)
            contexts += found
            tables.append(table)
    period = "fiscal year" if report.is_annual else "quarterly period"
    focus = "FY" if report.is_annual else f"Q{quarter.number}"
    risks = [_STAYS, _WENT if quarter.fiscal_year < 2025 else _CAME]
    body = "".join(
        (
            f"<p>FORM {report.form}</p><p>For the {period} ended {_day(quarter.end)}</p>",
            f"<p>{escape(NAME)}</p><p>{NOTICE}</p>",
            _items(report, risks),
            *tables,
        )
    )
    return _inline(body, "".join(contexts), quarter, focus, report.form)


def _told_by_segment(age: str, span: Sequence[Quarter]) -> tuple[list[str], str]:
    """The contexts and the table of a period's segments, which add up to the whole."""
    start, end = span[0].start, span[-1].end
    left = {c: sum((q.flows[c] for q in span), Decimal()) for c in (REVENUE, OPERATING_INCOME)}
    contexts = [_context(f"whole{age}", start, end, None)]
    total = _row("Total", f"whole{age}", left[REVENUE], left[OPERATING_INCOME])
    rows = []
    wholes = dict(left)
    for place, (name, member, of_revenue, of_income) in enumerate(_SEGMENTS, start=1):
        part = dict(left)
        if place < len(_SEGMENTS):
            part[REVENUE] = _thousands(wholes[REVENUE] * of_revenue)
            part[OPERATING_INCOME] = _thousands(wholes[OPERATING_INCOME] * of_income)
        left = {concept: left[concept] - part[concept] for concept in left}
        context = f"{name.lower()}{age}"
        contexts.append(_context(context, start, end, member))
        rows.append(_row(name, context, part[REVENUE], part[OPERATING_INCOME]))
    heads = "<td>Revenue</td><td>Operating income</td>"
    head = f"<tr><td>To {_day(end)}, in dollars</td>{heads}</tr>"
    return contexts, f"<table>{head}{''.join(rows)}{total}</table>"


def _items(report: Report, risks: Sequence[str]) -> str:
    told = "".join(f"<p>{risk}</p>" for risk in risks)
    discussion = (
        "<p>We sell courses to schools and subscriptions to learners. Revenue follows the school"
        " year and the number of learners who pay; costs follow the number of lessons.</p>"
    )
    if report.is_annual:
        return (
            "<p>Item 1. Business</p><p>We make courses for schools and for learners at home. Our"
            " programs run in any browser, and a tutor answers within a day.</p>"
            f"<p>Item 1A. Risk Factors</p>{told}"
            "<p>Item 7. Management's Discussion and Analysis of Financial Condition and Results"
            f" of Operations</p>{discussion}"
            "<p>Item 8. Financial Statements and Supplementary Data</p>"
        )
    return (
        "<p>PART I</p><p>Item 2. Management's Discussion and Analysis of Financial Condition and"
        f" Results of Operations</p>{discussion}"
        "<p>Item 1. Financial Statements</p>"
    )


def _inline(body: str, contexts: str, quarter: Quarter, focus: str, form: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"'
        ' xmlns:xbrli="http://www.xbrl.org/2003/instance"'
        ' xmlns:xbrldi="http://xbrl.org/2006/xbrldi"><head><title>Made up</title></head><body>'
        '<div style="display:none"><ix:header><ix:hidden>'
        f"{_cover('dei:DocumentType', form)}"
        f"{_cover('dei:DocumentPeriodEndDate', quarter.end.isoformat())}"
        f"{_cover('dei:DocumentFiscalYearFocus', str(quarter.fiscal_year))}"
        f"{_cover('dei:DocumentFiscalPeriodFocus', focus)}"
        f"</ix:hidden><ix:resources>{contexts}"
        '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>'
        f"</ix:resources></ix:header></div>{body}</body></html>"
    )


def _cover(name: str, text: str) -> str:
    return f'<ix:nonNumeric name="{name}" contextRef="whole0">{text}</ix:nonNumeric>'


def _context(name: str, start: date, end: date, member: str | None) -> str:
    segment = (
        "<xbrli:segment><xbrldi:explicitMember"
        f' dimension="us-gaap:StatementBusinessSegmentsAxis">{member}</xbrldi:explicitMember>'
        "</xbrli:segment>"
        if member
        else ""
    )
    return (
        f'<xbrli:context id="{name}"><xbrli:entity>'
        f'<xbrli:identifier scheme="http://www.sec.gov/CIK">{CIK:010d}</xbrli:identifier>{segment}'
        f"</xbrli:entity><xbrli:period><xbrli:startDate>{start}</xbrli:startDate>"
        f"<xbrli:endDate>{end}</xbrli:endDate></xbrli:period></xbrli:context>"
    )


def _row(name: str, context: str, revenue: Decimal, income: Decimal) -> str:
    return (
        f"<tr><td>{name}</td><td>{_tagged(REVENUE, context, revenue)}</td>"
        f"<td>{_tagged(OPERATING_INCOME, context, income)}</td></tr>"
    )


def _tagged(concept: str, context: str, amount: Decimal) -> str:
    return (
        f'<ix:nonFraction name="us-gaap:{concept}" contextRef="{context}" unitRef="usd"'
        f' decimals="-3" scale="0" format="ixt:num-dot-decimal">{amount:,}</ix:nonFraction>'
    )


def _index() -> str:
    rows = "".join(
        f'<tr><td>{n}</td><td>{kind}</td><td><a href="{name}">{name}</a></td><td>{kind}</td>'
        "<td>1</td></tr>"
        for n, (kind, name) in enumerate((("8-K", "current.htm"), ("EX-99.1", "release.htm")), 1)
    )
    return (
        '<html><body><table class="tableFile" summary="Document Format Files">'
        "<tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>"
        f"{rows}</table></body></html>"
    )


def _current(release: _Release) -> str:
    return (
        f"<html><body><p>FORM 8-K</p><p>{escape(NAME)}</p><p>{NOTICE}</p>"
        "<p>Item 2.02 Results of Operations and Financial Condition</p>"
        f"<p>On {_day(release.filed)} the company told its results in the release that is"
        " attached as exhibit 99.1.</p></body></html>"
    )


def _told(release: _Release) -> str:
    quarter = release.quarter
    named = f"{_ORDINALS[quarter.number - 1]} Quarter Fiscal {quarter.fiscal_year}"
    spoken = f"the {named.lower()}".replace("fiscal", "of fiscal")
    millions = (quarter.flows[REVENUE] / 1_000_000).quantize(Decimal("0.1"))
    highlights = [f"Revenue was ${millions} million in {spoken}."]
    metrics = ""
    if release.subscribers is not None:
        highlights.append(f"Paid subscribers were {release.subscribers:,} thousand in {spoken}.")
        metrics = (
            "<h2>Key Operating Metrics</h2><table>"
            f"<tr><td></td><td>Three Months Ended {quarter.end:%B} {quarter.end.day},</td></tr>"
            f"<tr><td>(users in thousands)</td><td>{quarter.end.year}</td></tr>"
            f"<tr><td>Paid subscribers</td>"
            f"<td>{release.in_table or release.subscribers:,}</td></tr></table>"
        )
    outlook = f"<h2>Outlook</h2><p>{release.outlook}</p>" if release.outlook else ""
    return (
        f"<html><body><h1>{escape(NAME)} Reports {named} Results</h1><p>{NOTICE}</p>"
        f"<p>Results of {spoken}, which ended {_day(quarter.end)}.</p>"
        f"<h2>{named} Highlights</h2><ul>{''.join(f'<li>{line}</li>' for line in highlights)}</ul>"
        f"{metrics}{outlook}</body></html>"
    )


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _thousands(amount: Decimal) -> Decimal:
    return (amount / 1000).quantize(Decimal(1)) * 1000
