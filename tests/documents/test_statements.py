"""How figures are read from sentences and tables; each example can be checked by eye."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents.amounts import find_amounts
from connectors.documents.guidance import find_guidance
from connectors.documents.html import read_html
from connectors.documents.kpis import Kpi, find_kpis
from connectors.documents.parts import find_parts
from connectors.documents.periods import Calendar, find_calendar, find_periods, tagged_calendar
from connectors.documents.statements import read_sentence

_Q4 = Calendar("quarter", date(2025, 12, 31), 2025, 4)


def _values(sentence: str) -> list[tuple[str, Decimal, str, str | None]]:
    return [
        (s.name, s.amount.value, s.amount.unit, s.period.label if s.period else None)
        for s in read_sentence(sentence, _Q4)
    ]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("500,000", "500000", "count"),
        ("9.5 million", "9500000", "count"),
        ("72.8%", "72.8", "percent"),
        ("3.2 percent", "3.2", "percent"),
        ("$209.6M", "209600000", "USD"),
        ("$1.16 billion", "1160000000", "USD"),
        ("NT$2,894,307.7 million", "2894307700000", "TWD"),
        ("€1.5bn", "1500000000", "EUR"),
        ("$(0.62)", "-0.62", "USD"),
        ("$(1.8) billion", "-1800000000", "USD"),
        ("(12.5)%", "-12.5", "percent"),
        ("-$5 million", "-5000000", "USD"),
        ("50 basis points", "50", "points"),
    ],
)
def test_amounts(text: str, value: str, unit: str) -> None:
    [amount] = find_amounts(text)
    assert (amount.value, amount.unit) == (Decimal(value), unit)


def test_a_quarterly_cover_decides_against_later_days() -> None:
    cover = "FORM 10-Q For the quarterly period ended June 30, 2025 OR Commission File Number 001"
    later = "We estimate our effective tax rate for the fiscal year ending December 31, 2025."
    known = find_calendar(f"{cover}\n{later}", "10-Q")
    assert known == Calendar("quarter", date(2025, 6, 30), 2025, 2)


def test_what_a_cover_tags_is_its_calendar() -> None:
    assert tagged_calendar("July 27, 2025", "2026", "Q2") == Calendar(
        "quarter", date(2025, 7, 27), 2026, 2
    )
    assert tagged_calendar("September 28, 2024", "2024", "FY") == Calendar(
        "annual", date(2024, 9, 28), 2024, 4
    )


@pytest.mark.parametrize("tags", [("", "2025", "Q2"), ("June 30, 2025", "", "Q2"),
                                  ("June 30, 2025", "2025", "H1")])  # fmt: skip
def test_a_cover_with_a_tag_missing_or_odd_decides_nothing(tags: tuple[str, str, str]) -> None:
    assert tagged_calendar(*tags) is None


def test_a_forecast_names_another_quarter_than_the_results() -> None:
    known = find_calendar(
        "Forecasting first-quarter 2023 revenue of $10.5 billion to $11.5 billion.\n"
        "Maker Reports Fourth-Quarter and Full-Year 2022 Financial Results\n"
        "Three Months Ended\nDecember 31, 2022"
    )
    assert (known.fiscal_year, known.fiscal_quarter) == (2022, 4)


@given(
    st.decimals(min_value=0, max_value=999_999_999, places=2, allow_nan=False),
    st.sampled_from([("", 0), (" thousand", 3), (" million", 6), ("M", 6), (" billion", 9)]),
)
def test_any_printed_amount_is_read_back(number: Decimal, scale: tuple[str, int]) -> None:
    word, power = scale
    [amount] = find_amounts(f"was ${number:,}{word} in all")
    assert amount.value == number.scaleb(power)
    assert amount.step == Decimal("0.01").scaleb(power)


@given(st.text(max_size=300))
def test_no_text_makes_the_readers_fail(text: str) -> None:
    known = find_calendar(text)
    find_periods(text, known)
    list(read_sentence(text, known))
    read = read_html(f"<p>{text}</p><table><tr><td>{text}</td><td>1</td></tr></table>".encode())
    find_kpis(read, find_parts(read), "", known)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "We ended the quarter with 9.5 million paid subscribers.",
            [("paid_subscribers", "9500000", "Q4 2025")],
        ),
        ("In Q4 2025 we reached 500,000 MAUs.", [("monthly_active_users", "500000", "Q4 2025")]),
        ("Gross margin was 72.8% in 2025.", [("gross_margin", "72.8", "FY2025")]),
        (
            "Revenue in the third quarter of 2025 grew 34% to $209.6M.",
            [("revenue", "209600000", "Q3 2025")],
        ),
        (
            "Daily active users grew 30% year over year to 52.7 million in the fourth quarter.",
            [("daily_active_users", "52700000", "Q4 2025")],
        ),
        (
            "Total bookings were $336.8 million in Q4 2025, up from $271.6 million a year ago.",
            [
                ("total_bookings", "336800000", "Q4 2025"),
                ("total_bookings", "271600000", "Q4 2024"),
            ],
        ),
        (
            "Net loss was $5.0 million in 2025, compared to net income of $3.0 million in 2024.",
            [("net_income", "-5000000", "FY2025"), ("net_income", "3000000", "FY2024")],
        ),
        (
            "We had 12.2 million and 9.5 million paid subscribers as of December 31, 2025 and 2024,"
            " respectively.",
            [
                ("paid_subscribers", "12200000", "Q4 2025"),
                ("paid_subscribers", "9500000", "Q4 2024"),
            ],
        ),
        (
            "The company reported revenue of $1.0 billion and Adjusted EBITDA of $305.9 million for"
            " fiscal 2025.",
            [("revenue", "1000000000", "FY2025"), ("adjusted_ebitda", "305900000", "FY2025")],
        ),
        (
            "GAAP and non-GAAP operating margin in Q4 2025 were 22.2% and 29.6%, respectively.",
            [
                ("operating_margin", "22.2", "Q4 2025"),
                ("non_gaap_operating_margin", "29.6", "Q4 2025"),
            ],
        ),
    ],
)
def test_a_sentence_states(sentence: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(name, value, label) for name, value, _, label in _values(sentence)]
    assert found == [(name, Decimal(value), label) for name, value, label in expected]


@pytest.mark.parametrize(
    "sentence",
    [
        "Data Center revenue was $22.6 billion in the fourth quarter of 2025.",
        "We expect revenue of $288 million in the first quarter of 2026.",
        "Revenue increased by $289.6 million in 2025.",
        "Deferred revenue was $500 million at December 31, 2025.",
        "Marketing was 12% of revenue, and cost of revenue was $288 million in 2025.",
        "More than 130 million monthly active users learn with us.",
        "The industry has 2 billion learners.",
        "We added 500 thousand paid subscribers in the quarter by a net increase of 500,000.",
        "About 43 million daily active users with a streak of 7 days used it in 2025.",
        "We had 3,600 employees in our sales organization at December 31, 2025.",
        "Our largest product delivered $285 million of revenue in 2025.",
        "Revenue was $10.0 million higher than last year.",
        "Adjusted EBITDA of $20.0 million to $22.0 million was our range.",
        "On a constant currency basis, revenue was $210.0 million.",
        "Excluding one-time items, net income was $20.0 million.",
        "In our Enterprise segment, revenue was $61.0 million.",
        "In Europe, operating income was $3.0 million.",
        "Career Learning: gross margin was 41%.",
        "We laid off 441 employees.",
        "We surveyed 2,500 students about it.",
        "A study of 1,500 customers found savings.",
        "One partner now has 12,000 paid subscribers.",
        "In India, we have 27 million learners.",
        "Revenue was $20.0 million CAD.",
        "Online sales were $46.6 million in 2025, compared to net sales of $46.1 million in 2024.",
    ],
)
def test_a_part_a_change_a_bound_or_a_hope_is_no_value(sentence: str) -> None:
    assert _values(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "In the prior quarter, revenue was $120.0 million.",
        "A year ago, DAUs were 24.2 million.",
        "Year-to-date, Adjusted EBITDA was $30.0 million.",
        "Over the last twelve months, operating cash flow was $130.0 million.",
        "In calendar 2024, billings were $400 million.",
        "As of today, we have 40 million daily active users.",
        "Net loss was $3.0 million and $9.0 million during the three and nine months ended"
        " September 30, 2024.",
    ],
)
def test_a_time_that_is_not_understood_is_nobodys_period(sentence: str) -> None:
    found = list(read_sentence(sentence, Calendar("quarter", date(2024, 9, 30), 2024, 3)))
    assert all(s.period is None and s.is_said for s in found)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Revenue for the three months ended September 30, 2024 increased $40.0 million, or 40%,"
            " to $140.0 million compared to $100.0 million in the same period in 2023.",
            [("140000000", "Q3 2024"), ("100000000", "Q3 2023")],
        ),
        (
            "For the first nine months of 2024, revenue was $400.0 million.",
            [("400000000", "9M Q3 2024")],
        ),
        (
            "GAAP diluted loss per share was $(0.49) and non-GAAP diluted EPS was $0.10 in Q3.",
            [("-0.49", "Q3 2024"), ("0.10", "Q3 2024")],
        ),
        ("Operating income was ($5.0 million) in Q3 2024.", [("-5000000", "Q3 2024")]),
    ],
)
def test_periods_and_signs_of_a_third_quarter(
    sentence: str, expected: list[tuple[str, str]]
) -> None:
    known = Calendar("quarter", date(2024, 9, 30), 2024, 3)
    found = [(s.amount.value, s.period.label) for s in read_sentence(sentence, known) if s.period]
    assert found == [(Decimal(value), label) for value, label in expected]


@pytest.mark.parametrize(
    ("head", "label"),
    [
        ("up 9% from $120.0 million in the third quarter of 2023. Results", "Q3 2024"),
        ("Raises First Quarter 2025 Outlook. Results", "Q3 2024"),
        ("Example grows revenue in Q3 39% year over year. Results", "Q3 2024"),
        ("Example reports first quarter fiscal 2025 results", "Q1 2025"),
    ],
)
def test_the_quarter_of_a_document_is_that_of_its_day(head: str, label: str) -> None:
    known = find_calendar(f"{head} for the quarter ended September 30, 2024.")
    current = known.current()
    assert current is not None
    assert current.label == label


_TABLE = """
<p><b>Key Operating Metrics</b></p>
<table>
<tr><td></td><td>Three Months Ended December 31,</td><td>Year Ended December 31,</td></tr>
<tr><td>(In {scale})</td><td>2025</td><td>2024</td><td>2025</td><td>2024</td></tr>
<tr><td>Total bookings</td><td>${a}</td><td>${b}</td><td>${c}</td><td>${d}</td></tr>
</table>
"""


def _kpis(html: str) -> list[Kpi]:
    text = read_html(html.encode())
    return find_kpis(text, find_parts(text), "EX-99.1", find_calendar(text.whole))


_LEAD = "<p>Results for the fourth quarter of 2025, ended December 31, 2025.</p>"


def test_a_table_says_period_and_scale_of_each_cell() -> None:
    kpis = _kpis(_LEAD + _TABLE.format(scale="thousands", a="1,000", b="900", c="4,000", d="3,500"))
    assert [(kpi.value, kpi.period.label) for kpi in kpis if kpi.period] == [
        (Decimal(1_000_000), "Q4 2025"),
        (Decimal(900_000), "Q4 2024"),
        (Decimal(4_000_000), "FY2025"),
        (Decimal(3_500_000), "FY2024"),
    ]
    assert [kpi.is_comparison for kpi in kpis] == [False, True, False, True]


@given(
    st.lists(st.integers(1_000, 99_999), min_size=4, max_size=4),
    st.sampled_from([("thousands", 3), ("millions", 6), ("billions", 9)]),
)
def test_any_table_is_read_back(numbers: list[int], scale: tuple[str, int]) -> None:
    word, power = scale
    a, b, c, d = (f"{number:,}" for number in numbers)
    kpis = _kpis(_LEAD + _TABLE.format(scale=word, a=a, b=b, c=c, d=d))
    assert [kpi.value for kpi in kpis] == [Decimal(number).scaleb(power) for number in numbers]


def _rows(caption: str, *rows: tuple[str, str]) -> str:
    lines = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in rows)
    return (
        f"{_LEAD}<p><b>Statements of Operations</b></p><p>{caption}</p>"
        f"<table><tr><td></td><td>Q4 2025</td></tr>{lines}</table>"
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (_rows("(in thousands)", ("Net loss", "$5,000")), [("net_income", "-5000000")]),
        (_rows("(in thousands)", ("Enrollments", "222,600")), []),
        (_rows("(in thousands, except per share data)", ("Employees", "1,200")), []),
        (
            _rows("(users in millions)", ("Paid subscribers", "12.2")),
            [("paid_subscribers", "12200000")],
        ),
        (_rows("(in thousands)", ("Gross margin", "(12.5%)")), [("gross_margin", "-0.125")]),
        (
            _rows(
                "(in thousands)",
                ("Consumer", ""),
                ("Revenue", "$70,000"),
                ("Gross profit", "$40,000"),
            ),
            [],
        ),
        (
            _rows("Non-GAAP Financial Measures (in thousands)", ("Net income", "$5,000")),
            [("net_income", "5000000")],
        ),
    ],
)
def test_a_row_is_what_its_table_says(html: str, expected: list[tuple[str, str]]) -> None:
    found = [(kpi.metric, kpi.value) for kpi in _kpis(html) if kpi.status == "ok"]
    assert found == [(name, Decimal(value)) for name, value in expected]


def test_what_is_said_in_per_cent_is_a_share_to_its_last_digit() -> None:
    html = _LEAD + "<p>Gross margin was 72.8% in the fourth quarter of 2025.</p>"
    [kpi] = _kpis(html)
    assert (kpi.unit, kpi.value, kpi.step) == ("percent", Decimal("0.728"), Decimal("0.001"))


def test_tables_of_one_part_keep_their_bases_apart() -> None:
    """A reconciliation that says "Non-GAAP" of some rows tells nothing of the table before it."""
    table = "<table><tr><td></td><td>Q4 2025</td></tr><tr><td>{}</td><td>{}</td></tr>{}</table>"
    html = (
        f"{_LEAD}<p><b>Financial Highlights</b></p><p>Non-GAAP (in thousands)</p>"
        + table.format("Net income", "$8,000", "")
        + "<p>The following table sets forth what lies between the two of them, line by line:"
        "</p><p>(in thousands)</p>"
        + table.format(
            "Net income", "$5,000", "<tr><td>Non-GAAP net income</td><td>8,000</td></tr>"
        )
    )
    assert [(kpi.metric, kpi.value, kpi.status) for kpi in _kpis(html)] == [
        ("non_gaap_net_income", Decimal(8_000_000), "ok"),
        ("net_income", Decimal(5_000_000), "ok"),
        ("non_gaap_net_income", Decimal(8_000_000), "ok"),
    ]


def test_what_has_not_been_yet_is_no_kpi() -> None:
    html = _LEAD + "<p>Looking ahead to Q1 2026:</p><p>• Revenue of $140 million in Q1 2026</p>"
    assert _kpis(html) == []


def test_witnesses_that_agree_are_surer_and_those_that_do_not_are_none() -> None:
    table = _TABLE.format(scale="thousands", a="336,810", b="271,600", c="1,158,425", d="870,601")
    agreeing = "<p>Total bookings were $336.8 million in the fourth quarter of 2025.</p>"
    contradicting = "<p>Total bookings were $339.8 million in the fourth quarter of 2025.</p>"

    def current(html: str) -> list[tuple[str, int, Decimal]]:
        return [
            (kpi.status, kpi.witnesses, kpi.confidence)
            for kpi in _kpis(html)
            if kpi.period and kpi.period.label == "Q4 2025"
        ]

    assert current(_LEAD + agreeing + table) == [("ok", 2, Decimal("0.99"))] * 2
    assert current(_LEAD + contradicting + table) == [("conflict", 2, Decimal("0.5"))] * 2


def test_a_span_is_where_the_figure_stands() -> None:
    html = _LEAD + "<p>Total bookings were $336.8 million in the fourth quarter of 2025.</p>"
    [kpi] = _kpis(html)
    assert read_html(html.encode()).whole[kpi.start : kpi.end] == "$336.8 million"


def test_what_is_compared_with_a_quarter_is_one() -> None:
    html = (
        "<p>Results for the fourth quarter and full year of 2025, ended December 31, 2025.</p>"
        "<p>Total bookings were $336.8 million, up 24% from the prior year quarter.</p>"
        "<p>Net income was $414.1 million.</p>"
    )
    told = [(kpi.metric, kpi.status, kpi.period and kpi.period.label) for kpi in _kpis(html)]
    assert told == [("total_bookings", "ok", "Q4 2025"), ("net_income", "no_period", None)]


def test_figures_below_a_segments_heading_are_not_the_companys() -> None:
    html = (
        _LEAD
        + "<p>Segment results</p><table><tr><td></td><td>Q4 2025</td></tr>"
        + "<tr><td>Flexible</td><td>$700</td></tr><tr><td>Rigid</td><td>$300</td></tr>"
        + "<tr><td>Total</td><td>$1,000</td></tr></table>"
        + "<p><b>Flexible</b></p><p>Revenue was $700 million in the fourth quarter of 2025.</p>"
        + "<p><b>Results</b></p><p>Revenue was $1,000 million in the fourth quarter of 2025.</p>"
    )
    assert [kpi.value for kpi in _kpis(html)] == [Decimal(1_000_000_000)]


_OUTLOOK = (
    "<p>Results for the fourth quarter of 2025, ended December 31, 2025.</p><p><b>Guidance</b></p>"
)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<p>For Q1 of 2026, we expect revenue of $288 million to $290 million.</p>",
            ("revenue", "288000000", "290000000", "Q1 2026"),
        ),
        (
            "<p>For 2026 we expect Adjusted EBITDA of $73.0 - $75.0 million.</p>",
            ("adjusted_ebitda", "73000000", "75000000", "FY2026"),
        ),
        (
            "<p>Revenue in Q1 2026 is expected to be $28.0 billion, plus or minus 2%.</p>",
            ("revenue", "27440000000", "28560000000", "Q1 2026"),
        ),
        (
            "<p>Gross margin in Q1 2026 is expected to be 74.8%, plus or minus 50 basis points</p>",
            ("gross_margin", "0.743", "0.753", "Q1 2026"),
        ),
        (
            "<p>For 2026 we expect gross margin of 72 to 73.5%.</p>",
            ("gross_margin", "0.72", "0.735", "FY2026"),
        ),
        (
            "<table><tr><td>(In billions)</td><td>Q1 2026</td></tr>"
            "<tr><td>Revenue</td><td>$2.47 - $2.54</td></tr></table>",
            ("revenue", "2470000000", "2540000000", "Q1 2026"),
        ),
    ],
)
def test_guidance_is_a_range(html: str, expected: tuple[str, str, str, str]) -> None:
    text = read_html((_OUTLOOK + html).encode())
    found = find_guidance(text, find_parts(text), find_calendar(text.whole))
    name, low, high, label = expected
    assert [(g.metric, g.low, g.high, g.period.label) for g in found] == [
        (name, Decimal(low), Decimal(high), label)
    ]


def test_what_is_past_is_no_guidance() -> None:
    html = _OUTLOOK + "<p>For 2024 we expected revenue of $700 million to $710 million.</p>"
    text = read_html(html.encode())
    assert find_guidance(text, find_parts(text), find_calendar(text.whole)) == []
