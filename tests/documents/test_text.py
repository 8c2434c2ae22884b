"""Text and parts of documents made here: what is told, what is dropped, who speaks."""

import csv
from pathlib import Path

from connectors.documents.html import read_html, split_submission
from connectors.documents.parts import find_parts
from connectors.documents.reading import read_document
from connectors.documents.sections import find_sections
from connectors.documents.tone import NEGATIVE, POSITIVE, UNCERTAIN, measure_tone

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
_SUBMISSION = b"""<SEC-DOCUMENT>0000000000-94-000001.txt
<DOCUMENT>
<TYPE>10-K
<SEQUENCE>1
<FILENAME>a.txt
<TEXT>
<PRE>
FORM 10-K

Item 1.  Business

The company makes slates
and chalk.

Sales ....................    1,234      1,100
</PRE>
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>EX-27
<TEXT>
data
</TEXT>
</DOCUMENT>
"""


def test_a_full_submission_is_its_first_document() -> None:
    first, second = split_submission(_SUBMISSION)
    assert (first.type, first.filename, second.type) == ("10-K", "a.txt", "EX-27")
    reading = read_document(_SUBMISSION)
    assert [section.code for section in reading.sections] == ["1"]
    assert "The company makes slates and chalk." in reading.sections[0].text
    assert "EX-27" not in reading.sections[0].text


def test_rows_keep_their_cells_and_hidden_parts_are_dropped() -> None:
    html = b"""<html><head><title>not text</title></head><body>
    <div style="display:none"><ix:header>hidden facts</ix:header></div>
    <table><tr><td>Revenue</td><td>$</td><td>1,234</td><td></td><td>(5</td><td>)</td></tr></table>
    <p>Last <b>words</b>.</p></body></html>"""
    assert [block.text for block in read_html(html).blocks] == [
        "Revenue | $1,234 | (5)",
        "Last words.",
    ]


def test_page_numbers_and_running_heads_are_no_text() -> None:
    pages = "".join(
        f"<p>Annual report 2025</p><p>Paragraph {word} of the text.</p><p>{number}</p>"
        for number, word in enumerate(["one", "two", "three", "four"], start=1)
    )
    assert [block.text for block in read_html(pages.encode()).blocks] == [
        f"Paragraph {word} of the text." for word in ("one", "two", "three", "four")
    ]


def test_a_table_of_contents_is_no_section() -> None:
    contents = "".join(
        f"<tr><td>Item {item}.</td><td>{title}</td><td>{page}</td></tr>"
        for item, title, page in (
            ("1", "Business", 3),
            ("1A", "Risk Factors", 9),
            ("2", "Land", 20),
        )
    )
    body = "".join(
        f"<p><b>Item {item}. {title}</b></p><p>{'What there is to say. ' * 20}</p>"
        for item, title in (("1", "Business"), ("1A", "Risks"), ("2", "Land"))
    )
    text = read_html(f"<table>{contents}</table>{body}".encode())
    sections = find_sections(text, "10-K")
    assert [section.code for section in sections] == ["1", "1A", "2"]
    assert all(section.end - section.start > 400 for section in sections)


_CALL = """
<p>Example Inc. Q4 2025 Earnings Call Transcript</p>
<p><b>Operator</b></p><p>Good day and welcome to the call.</p>
<p><b>Jane Doe - Chief Executive Officer</b></p><p>We had a good quarter, and I thank the team.</p>
<p><b>John Roe - Chief Financial Officer</b></p><p>Revenue was $10 million in the quarter.</p>
<p><b>Operator</b></p><p>We will now take our first question from Ann Poe of Example Bank.</p>
<p><b>Ann Poe - Analyst</b></p><p>What do you see next?</p>
<p><b>Jane Doe - Chief Executive Officer</b></p><p>More of the same.</p>
"""


def test_a_call_is_told_by_speaker() -> None:
    turns = [
        (section.code, section.speaker)
        for section in find_parts(read_html(_CALL.encode()))
        if section.speaker
    ]
    assert turns == [
        ("prepared_remarks", "Operator"),
        ("prepared_remarks", "Jane Doe"),
        ("prepared_remarks", "John Roe"),
        ("questions", "Operator"),
        ("questions", "Ann Poe"),
        ("questions", "Jane Doe"),
    ]


def test_tone_counts_words_by_list() -> None:
    tone = measure_tone("We grew, not without risk; losses may harm us. Good? No growth.")
    # grew and good; "no growth" is nothing; losses, harm; risk, may.
    assert (tone.words, tone.positive, tone.negative, tone.uncertain) == (12, 2, 2, 2)


def test_no_word_is_on_two_lists() -> None:
    assert not POSITIVE & NEGATIVE
    assert not POSITIVE & UNCERTAIN
    assert not NEGATIVE & UNCERTAIN


def test_risk_factors_are_told_by_paragraph() -> None:
    risks = "".join(
        f"<p>{word} risk: {'our business could be harmed by it in many ways. ' * 3}</p>"
        for word in ("First", "Second")
    )
    html = f"<p>FORM 10-K</p><p><b>Item 1A. Risk Factors</b></p>{risks}<p><b>Item 2. Land</b></p>"
    assert [risk.text.split(":")[0] for risk in read_document(html.encode()).risks] == [
        "First risk",
        "Second risk",
    ]


def test_a_discussion_is_of_the_first_part_though_contents_ended_with_the_second() -> None:
    page = (
        "<p>PART II</p><p>Item 1. Financial Statements</p>"
        "<p>Item 2. Management’s Discussion and Analysis</p><p>Revenue grew.</p>"
        "<p>Item 3. Quantitative and Qualitative Disclosures About Market Risk</p><p>None.</p>"
        "<p>Item 1. Legal Proceedings</p><p>None.</p>"
        "<p>Item 2. Unregistered Sales of Equity Securities</p><p>None.</p>"
    )
    codes = [section.code for section in find_sections(read_html(page.encode()), "10-Q")]
    assert codes == ["I.1", "I.2", "I.3", "II.1", "II.2"]


def test_headlines_are_toned_by_the_lists_that_tone_documents() -> None:
    listed: dict[str, set[str]] = {}
    with (SEEDS / "tone_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed.setdefault(row["kind"], set()).add(row["word"])
    negations = listed.pop("negation")
    assert listed == {"positive": POSITIVE, "negative": NEGATIVE}
    assert [word for word in negations if measure_tone(f"{word} growth").positive] == []
    assert len(negations) == 11
