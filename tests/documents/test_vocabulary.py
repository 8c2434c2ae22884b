"""The names of metrics: how the list writes them, that each is read, and where each was met."""

import csv
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents.metrics import find_metrics
from connectors.documents.vocabulary import listed, pattern_of, read_vocabulary
from flows.cli.unread_words import Unread, count_unread_words, find_unread
from tests.recorded import recorded

_DICTIONARY = Path(__file__).parents[2] / "dbt_project" / "seeds" / "kpi_dictionary.csv"
_NAMES = [(row["metric"], row["name"]) for row in listed("names")]
_MARKS = {
    "<company>": "Slate & Chalk, Inc.",
    "<word>": "Slate",
    "<adjusted>": "",
    "<share of revenue>": " as a percentage of revenue",
}
_INNERMOST = re.compile(r"\[([^][{}]*)\]|\{([^][{}]*)\}")


def _spelled(name: str, choose: random.Random) -> str:
    """One of the texts that a name of the list stands for."""
    for mark, text in _MARKS.items():
        name = name.replace(mark, text)

    def one(found: re.Match[str]) -> str:
        if found[1] is not None and choose.random() < 0.5:
            return ""
        return choose.choice((found[1] or found[2]).split("|"))

    while True:
        name, count = _INNERMOST.subn(one, name)
        if not count:
            return name.replace("#", "1")


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("net {income|earnings}[ (loss)]", "Net Earnings (loss)", "net (loss)"),
        ("[a|an ]ARR", "ARR", "a nARR"),
        ("1##,### or more", "100,000 or more", "1000 or more"),
        ("EPS ({diluted|basic})", "eps (basic)", "eps diluted"),
        ("[profit[/][ ](loss)]", "profit/(loss)", "profit//(loss)"),
        ("due to <company>", "due to Slate Works", "due to slate"),
    ],
)
def test_a_name_stands_for_what_its_brackets_say(name: str, said: str, unsaid: str) -> None:
    pattern = re.compile(pattern_of(name), re.I)
    assert pattern.fullmatch(said)
    assert not pattern.fullmatch(unsaid)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("net {income", "'{' is not closed"),
        ("net income]", "']' closes nothing that is open"),
        ("net [income}", "'}' closes nothing that is open"),
        ("net <loss>", "<loss> is none of adjusted, company"),
    ],
)
def test_a_name_that_is_written_wrongly_is_refused_with_its_fault(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        pattern_of(name)


@given(st.sampled_from(_NAMES), st.randoms(use_true_random=False))
def test_every_text_that_a_name_stands_for_is_read_as_its_metric(
    row: tuple[str, str], choose: random.Random
) -> None:
    metric, name = row
    before = "adjusted " if "<adjusted>" in name else ""
    text = before + _spelled(name, choose)
    found = [(one.metric.name, one.start, one.end) for one in find_metrics(text)]
    assert found == [(metric, 0, len(text))]


def test_each_name_stands_in_the_document_that_the_list_names() -> None:
    texts: dict[str, str] = {}
    lacking = []
    for row in listed("names"):
        if row["source"] == "general usage":
            continue
        if row["source"] not in texts:
            texts[row["source"]] = _words_of(row["source"])
        if not re.search(pattern_of(row["name"]), texts[row["source"]], re.I):
            lacking.append(row)
    assert lacking == []


def _words_of(document: str) -> str:
    [path] = [
        path
        for folder in ("filings", "pdf", "documents")
        for path in recorded(folder).iterdir()
        if path.name == document
    ]
    return " ".join((_pdf_text(path) if path.suffix == ".pdf" else _html_text(path)).split())


def _html_text(path: Path) -> str:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(path.read_bytes()).text(separator=" ")


def _pdf_text(path: Path) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return " ".join(page.get_textpage().get_text_range() for page in document)


def test_figures_that_no_metric_reads_are_told_by_their_words() -> None:
    text = (
        "Key figures\n"
        "Classrooms opened (1) | 120 | 98\n"
        "Revenue | $10 | $9\n"
        "Our classroom utilization was 81.5% in the quarter. Revenue grew to $10 million.\n"
        "There was $3 million."
    )
    assert [(told.place, told.words) for told in find_unread(text)] == [
        ("row", "classrooms opened"),
        ("sentence", "classroom utilization"),
    ]


def test_words_of_many_documents_come_first_and_those_of_statements_not_at_all() -> None:
    sections = [
        ("one", "highlights", "Lessons held | 5 | 4\nLessons held | 6 | 5"),
        ("two", "highlights", "Desks sold | 7 | 8"),
        ("three", "highlights", "Desks sold | 9 | 10"),
        ("three", "balance_sheet", "Desks owned | 1 | 2"),
    ]
    assert count_unread_words(sections) == [
        Unread("row", "desks sold", 2, 2, "Desks sold | 7 | 8"),
        Unread("row", "lessons held", 2, 1, "Lessons held | 5 | 4"),
    ]


def test_the_dictionary_of_kpis_has_every_metric_and_no_other() -> None:
    with _DICTIONARY.open(encoding="utf-8", newline="") as file:
        described = {row["metric"]: row for row in csv.DictReader(file)}
    metrics = {metric.name: metric for metric in read_vocabulary()}
    twins = {
        f"non_gaap_{name}": metric for name, metric in metrics.items() if metric.can_be_adjusted
    }
    assert described.keys() == metrics.keys() | twins.keys()
    for name, metric in {**metrics, **twins}.items():
        row = described[name]
        assert (row["kind"], row["is_stock"] == "true") == (metric.kind, metric.is_stock), name
        assert (row["counted_at"] == "period_end") == metric.is_stock, name
        assert (row["comparable_group"] == "") == (row["not_comparable_reason"] != ""), name
        assert metric.can_be_adjusted is False or name in metrics or row["comparable_group"] == ""
