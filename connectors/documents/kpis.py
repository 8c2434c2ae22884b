"""KPIs: what management says a metric was, with the exact place, the period and how sure we are.

Sentences and table rows are two witnesses: what both tell is surer, and where they disagree none
of the values is told as one. What names no period, and has none from its heading or its document,
is told as that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from connectors.documents.amounts import CURRENCIES, counted, find_amounts
from connectors.documents.metrics import metric_named, metric_of_label
from connectors.documents.periods import Calendar, Mention, Period, find_periods
from connectors.documents.sections import Section
from connectors.documents.statements import fits, read_sentence
from connectors.documents.tables import Cell, TableRow, part_named, read_tables, scaled
from connectors.documents.text import Text, is_heading, sentences

Witness = Literal["prose", "table"]
Status = Literal["ok", "conflict", "no_period"]

# Items and parts in which results are told; the others tell risks, definitions and plans.
_ITEMS: Final = frozenset({"1", "7", "I.2", "4", "4B", "5"})
_PARTS: Final = frozenset(
    {
        "headline", "highlights", "segments", "operating_metrics", "income_statement", "cash_flow",
        "balance_sheet", "capital_returns", "non_gaap", "reconciliation", "prepared_remarks",
    }
)  # fmt: skip
# A quarterly report's discussion seldom gives the totals of its statements, which are read up to
# the notes; an annual one's does.
_STATEMENTS: Final = "I.1"
_NOTES: Final = re.compile(
    r"\W*(?:index to )?(?:condensed |unaudited |interim )*notes to\b.{0,60}"
    r"\bfinancial statements\b",
    re.I,
)
_ANNUAL_FORMS: Final = ("10-K", "20-F", "40-F")
_SIGNS: Final = re.compile(r"US\$|NT\$|HK\$|C\$|A\$|RMB|[$€£¥]", re.I)
# A count that is printed with so many digits may be whole, whatever scale its table has.
_WHOLE_COUNT: Final = 1_000
_IS_LOSS: Final = re.compile(r"\bloss\b", re.I)
_IS_INCOME: Final = re.compile(r"income|earnings|\(loss\)", re.I)
_ALMOST_ALL: Final = 0.95
# What is compared with a quarter is one.
_AGAINST_A_QUARTER: Final = re.compile(
    r"\b(?:prior|previous|preceding|same|year[- ]ago|last)[- ](?:year[- ])?quarter\b|\bsequential",
    re.I,
)
# Titles of what the whole company did.
_OF_ALL: Final = re.compile(
    r"\b(?:summary|overview|highlights|consolidated|results of operations|liquidity|economic)\b",
    re.I,
)
_IN_MONEY: Final = {"gross_margin": "gross_profit"}
_BY_TITLE: Final = frozenset({"free_cash_flow"})
_ATTRIBUTABLE: Final = "_attributable"
_TOTAL_REVENUE: Final = re.compile(r"total (?:net )?revenues? \|", re.I)
_NET_SALES: Final = re.compile(r"\bnet sales\b", re.I)


class Kpi(NamedTuple):
    """One statement of a metric's value, where it stands and what became of it.

    `value` counts in `unit` (a currency code, "count", or "percent", which is a share: 0.728 for
    72.8 %), exact to `step`. `start` and `end` are offsets in the document's text, `sentence` the
    sentence or row. `is_comparison` where the statement is about another period, beside the one of
    the document.
    """

    metric: str
    value: Decimal
    unit: str
    step: Decimal
    period: Period | None
    is_comparison: bool
    witness: Witness
    witnesses: int
    confidence: Decimal
    status: Status
    start: int
    end: int
    page: int | None
    sentence: str


def find_kpis(text: Text, sections: Sequence[Section], form: str, known: Calendar) -> list[Kpi]:
    """Every KPI that a document states, as its witnesses agree or not."""
    stated = [_settled(kpi, known) for kpi in _stated_in(text, sections, form, known)]
    stated = [kpi for kpi in stated if not _is_flow_of_a_day(kpi)]
    # Nobody states what has not been yet: an outlook that does not say so.
    found = [kpi for kpi in stated if kpi.period is None or not _is_ahead(kpi.period, known)]
    if any(_TOTAL_REVENUE.match(kpi.sentence) for kpi in found):
        # Beside a total, net sales are the part of it without fees.
        found = [
            kpi._replace(metric="net_sales")
            if kpi.metric == "revenue" and _NET_SALES.search(kpi.sentence)
            else kpi
            for kpi in found
        ]
    return _weighed(_of_all_holders(found))


def _of_all_holders(found: list[Kpi]) -> list[Kpi]:
    """Net income as the whole one, where a document tells it beside that of its own holders.

    Headlines call both of them net income; where only one is told it stands for both.
    """
    own = _by_cell(kpi for kpi in found if kpi.metric.endswith(_ATTRIBUTABLE))
    plain = _by_cell(kpi for kpi in found if not kpi.metric.endswith(_ATTRIBUTABLE))
    kept = []
    for kpi in found:
        cell = _cell(kpi._replace(metric=kpi.metric.removesuffix(_ATTRIBUTABLE)))
        beside = plain.get(cell, [])
        if kpi.metric.endswith(_ATTRIBUTABLE):
            if not beside:
                kept.append(kpi._replace(metric=kpi.metric.removesuffix(_ATTRIBUTABLE)))
            continue
        is_own = any(_agree(kpi, other) for other in own.get(cell, []))
        if not is_own or all(_agree(kpi, other) for other in beside):
            kept.append(kpi)
    return kept


def _by_cell(found: Iterable[Kpi]) -> dict[tuple[object, ...], list[Kpi]]:
    cells: defaultdict[tuple[object, ...], list[Kpi]] = defaultdict(list)
    for kpi in found:
        cells[_cell(kpi._replace(metric=kpi.metric.removesuffix(_ATTRIBUTABLE)))].append(kpi)
    return cells


def _settled(kpi: Kpi, known: Calendar) -> Kpi:
    """A KPI whose period says which of a year's days it is about, told from the document's own."""
    period = kpi.period
    if period is None:
        return kpi
    if metric_named(kpi.metric).is_stock:
        # What is counted at a day's end is the same for the year and for its last quarter.
        quarter = 4 if period.kind == "annual" and period.fiscal_year else period.fiscal_quarter
        period = Period("instant", period.end, period.fiscal_year, quarter)
    is_current = (
        period.end == known.end
        if period.end is not None and known.end is not None
        else (period.fiscal_year, period.fiscal_quarter or 4)
        == (known.fiscal_year, known.fiscal_quarter)
    )
    return kpi._replace(period=period, is_comparison=not is_current)


def _is_flow_of_a_day(kpi: Kpi) -> bool:
    """Whether what flows through a period is told of a day: its table does not say how long."""
    is_day = kpi.period is not None and kpi.period.kind == "instant"
    return is_day and not metric_named(kpi.metric).is_stock


def _is_ahead(period: Period, known: Calendar) -> bool:
    """Whether a period ends after the document's own."""
    if period.end is not None and known.end is not None:
        return period.end > known.end
    if period.fiscal_year is None or known.fiscal_year is None or known.fiscal_quarter is None:
        return False
    return (period.fiscal_year, period.fiscal_quarter or 4) > (
        known.fiscal_year,
        known.fiscal_quarter,
    )


def _stated_in(text: Text, sections: Sequence[Section], form: str, known: Calendar) -> list[Kpi]:
    prose: list[Kpi] = []
    table: list[Kpi] = []
    segments = _segment_names(text)
    currency = _currency(text)
    for section in sections:
        if section.code not in _ITEMS | _PARTS | {_STATEMENTS}:
            continue
        end = section.end_block
        if section.code == _STATEMENTS:
            end = _end_of_statements(text, section)
        else:
            prose += _of_prose(text, section, known, form, segments)
        if section.code not in {"1", "4", "4B"}:
            rows = _on_its_basis([*read_tables(text, known, range(section.first_block, end))])
            if section.code == "segments":
                rows = [row for row in rows if row.label.lower().startswith("total")]
            table += [kpi for row in rows for kpi in _of_row(text, row, segments, currency)]
    return [*prose, *table]


def _end_of_statements(text: Text, section: Section) -> int:
    """The block at which the notes begin: their tables are of parts, of other years and of tax."""
    places = range(section.first_block, section.end_block)
    return next(
        (
            place
            for place in places
            if text.blocks[place].kind != "row" and _NOTES.match(text.blocks[place].text)
        ),
        section.first_block,
    )


def _on_its_basis(rows: list[TableRow]) -> list[TableRow]:
    """Rows of a table that says "Non-GAAP" of some are GAAP where they do not say it."""
    mixed = {row.table for row in rows if re.match(r"non-gaap|adjusted", row.label, re.I)}
    return [row._replace(basis="gaap") if row.table in mixed else row for row in rows]


def _of_row(
    text: Text, row: TableRow, segments: frozenset[str], currency: str | None
) -> Iterator[Kpi]:
    named = metric_of_label(row.label, row.group)
    if named is None or row.is_of_part or _is_part(row.title, segments):
        return
    block = text.blocks[row.block]
    says_gaap = re.match("gaap", row.label, re.I) is not None
    for cell in row.cells:
        metric, name = named.metric, named.name
        is_adjusted = not says_gaap and (cell.basis or row.basis) == "non_gaap"
        if is_adjusted and metric.can_be_adjusted:
            name = f"non_gaap_{metric.name}"
        elif is_adjusted and cell.basis is not None and metric.is_of_accounts:
            # Management's own revenue is another figure than that of the accounts.
            continue
        value, step = scaled(cell)
        if metric.kind == "count" and cell.scale is not None and not _is_count(row, cell):
            continue
        if _IS_LOSS.search(row.label) and not _IS_INCOME.search(row.label):
            # A row of losses is printed without brackets.
            value = -abs(value)
        unit = cell.amount.unit
        if metric.name in _IN_MONEY and unit not in {"percent", "points"}:
            # "Gross margin" of so many dollars is the profit.
            name = name.replace(metric.name, _IN_MONEY[metric.name])
            metric = metric_named(name)
        if metric.name in _BY_TITLE and re.match("adjusted", row.title, re.I):
            metric = metric_named(f"adjusted_{metric.name}")
            name = metric.name
        if metric.kind == "per_share":
            value, step = cell.amount.value.copy_sign(value), cell.amount.step
        if metric.kind in {"money", "per_share"} and unit == "count":
            # Only the first row of a column carries its sign.
            unit = row.currency or currency or "count"
        is_scaled = bool(cell.amount.scale) or cell.scale is not None
        if metric.kind == "money" and not is_scaled:
            continue
        if not fits(metric, value, unit):
            continue
        start = text.starts[row.block]
        yield Kpi(
            name, counted(value, unit), unit, counted(step, unit), cell.period, False, "table", 1,
            Decimal("0.96"), "ok", start, start + len(block.text), block.page, block.text,
        )  # fmt: skip


def _is_count(row: TableRow, cell: Cell) -> bool:
    """Whether a table's scale is that of a count: said of counts, or not of money and needed."""
    amount = cell.amount
    is_short = amount.step < 1 or abs(amount.value) < _WHOLE_COUNT
    return bool(amount.scale) or row.counts_scaled or (is_short and not row.is_of_money)


def _currency(text: Text) -> str | None:
    """The one currency of a document's signs; None where there are several, or none."""
    signs = Counter(CURRENCIES[sign.upper()] for sign in _SIGNS.findall(text.whole))
    if not signs:
        return None
    [(code, count)] = signs.most_common(1)
    return code if count >= _ALMOST_ALL * signs.total() else None


def _is_part(title: str, segments: frozenset[str]) -> bool:
    return title.strip().lower() in segments


def _segment_names(text: Text) -> frozenset[str]:
    """What the tables of segments call their rows: figures below such a heading are a part's."""
    names: set[str] = set()
    is_open = False
    for block in text.blocks:
        cells = block.text.split(" | ")
        if re.search(r"\bsegments?\b|business unit", block.text, re.I) and len(block.text) < 150:
            is_open = True
        elif is_open and block.kind == "row":
            label = re.sub(r"\s*\(\d\)", "", cells[0]).strip().lower()
            if label.startswith("total"):
                is_open = False
            elif (
                2 < len(label) < 40
                and metric_of_label(label) is None
                and any(find_amounts(cells[-1]))
            ):
                names.add(label)
        elif is_open and len(block.text) > 300:
            is_open = False
    return frozenset(names)


def _of_prose(
    text: Text, section: Section, known: Calendar, form: str, segments: frozenset[str]
) -> Iterator[Kpi]:
    heading: Mention | None = None
    unended = ""
    part = False
    for place in range(section.first_block, section.end_block):
        block = text.blocks[place]
        is_title = is_heading(block)
        if block.kind == "row" or is_title:
            title = block.text.split(" | ")[0].strip().lower()
            if title in segments:
                part = True
            elif block.kind != "row" and (block.is_strong or _OF_ALL.search(block.text)):
                part = section.code in _PARTS and part_named(block.text) is not None
        if is_title and block.kind != "row":
            # A title over two lines: its year is on the second.
            named = find_periods(f"{unended}{block.text}", known)
            ordinal = find_periods(block.text, known)
            has_year = re.search(r"\d\d\b", block.text)
            unended = f"{block.text} " if ordinal and not has_year else ""
            if named and named[0].periods:
                heading = named[0]
            elif block.is_strong and section.code not in _PARTS:
                heading = None
        if block.kind == "row" and block.text[:1] not in "•●▪":
            continue
        for offset, sentence in sentences(block.text):
            start = text.starts[place] + offset
            default = _default(section, known, form, heading)
            for found in read_sentence(sentence, known, default):
                if part and found.metric.kind in {"money", "percent", "per_share"}:
                    continue
                is_open = not found.is_comparison and not found.is_said
                period = found.period or (default if is_open else None)
                if period is None and is_open and _AGAINST_A_QUARTER.search(sentence):
                    period = known.current_quarter()
                if period is None and found.is_comparison:
                    continue
                unit = found.amount.unit
                yield Kpi(
                    found.name, counted(found.amount.value, unit), unit,
                    counted(found.amount.step, unit), period, found.is_comparison, "prose", 1,
                    Decimal("0.97") if found.is_said else Decimal("0.92"),
                    "ok" if period is not None else "no_period",
                    start + found.amount.start, start + found.amount.end, block.page, sentence,
                )  # fmt: skip


def _default(
    section: Section, known: Calendar, form: str, heading: Mention | None
) -> Period | None:
    """The period of a sentence that names none: that of its heading, or of the document."""
    if heading is not None and len(heading.periods) == 1:
        return heading.periods[0]
    if form.upper().startswith(_ANNUAL_FORMS) or section.code in _ITEMS:
        # What a year's report says without a period may be about its end or about any year.
        return None
    if known.fiscal_quarter == 4:
        # A fourth quarter's release tells of the year too.
        return None
    return known.current()


def _weighed(found: Iterable[Kpi]) -> list[Kpi]:
    """Let witnesses of one value confirm each other, and set those aside that do not agree."""
    groups: defaultdict[tuple[object, ...], list[Kpi]] = defaultdict(list)
    for kpi in found:
        groups[_cell(kpi)].append(kpi)
    weighed = []
    for kpis in groups.values():
        if kpis[0].period is None:
            weighed += kpis
            continue
        agree = all(_agree(a, b) for a in kpis for b in kpis)
        witnesses = len({kpi.witness for kpi in kpis})
        for kpi in kpis:
            sure = Decimal("0.99") if witnesses > 1 and agree else kpi.confidence
            weighed.append(
                kpi._replace(
                    witnesses=witnesses,
                    status="ok" if agree else "conflict",
                    confidence=sure if agree else Decimal("0.5"),
                )
            )
    return sorted(weighed, key=lambda kpi: (kpi.start, kpi.end, kpi.metric))


def _cell(kpi: Kpi) -> tuple[object, ...]:
    """What two witnesses must share to be about the same thing."""
    period = kpi.period
    if period is None:
        return (kpi.metric, kpi.unit, None, kpi.start)
    named = (period.fiscal_year, period.fiscal_quarter)
    return (
        kpi.metric,
        kpi.unit,
        period.kind,
        named if period.fiscal_year is not None else period.end,
    )


def _agree(a: Kpi, b: Kpi) -> bool:
    """Whether two values are the same one, each rounded as it is printed."""
    return abs(a.value - b.value) <= max(a.step, b.step) / 2 + min(a.step, b.step) / 2
