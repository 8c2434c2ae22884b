"""Parts of documents without numbered items: earnings releases, and transcripts of calls by
speaker.

A release's parts begin at its own headings, which are few and alike everywhere. A transcript has
a turn for each speaker; what comes before the operator asks for questions are the prepared
remarks.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from connectors.documents.sections import Section
from connectors.documents.text import Block, Text

_LONGEST_HEADING: Final = 120
_PARTS: Final = tuple(
    (code, re.compile(pattern, re.I))
    for code, pattern in (
        ("forward_looking", r"forward.{0,3}looking (statement|info)|safe harbor|cautionary"),
        # "Reconciliation of GAAP outlook" is a reconciliation; "Outlook" alone is guidance.
        ("reconciliation", r"reconciliation"),
        ("guidance", r"\b(guidance|outlook|(?:financial|business|growth) targets)\b"),
        ("non_gaap", r"non.{0,3}gaap .{0,20}(measure|information)|use of non.{0,3}gaap"),
        ("call", r"(conference|earnings|video) (call|webcast)|\bwebcast\b|live q\s?&\s?a"),
        ("income_statement", r"statements? of (operations|income|earnings|comprehensive)"),
        (
            "balance_sheet",
            r"balance sheets?$|balance sheets? \(|statements? of financial (position|c)",
        ),
        ("cash_flow", r"statements? of cash flows?"),
        ("operating_metrics", r"(key|operating|business|performance) (operating )?metrics"),
        ("segments", r"\bsegment (information|results)|by (reportable )?segment|business unit"),
        ("capital_returns", r"^(cash )?dividends?\b|dividend declaration|share repurchase"),
        ("highlights", r"highlights|summary$|key financials"),
        ("about", r"^about \S"),
        (
            "contacts",
            r"^(investor|media|press|for (further|more|additional)).{0,40}(contact|relations)"
            r"|^contacts?\b",
        ),
    )
)
_SAFE_HARBOR: Final = re.compile(
    r"^[“\"]?safe harbor[”\"]? statement|^forward.looking statements[:.]", re.I
)
# The number of a note, glued to a heading's last word.
_NOTE: Final = re.compile(r"(?<=[a-z]{3})\d$")
_NAME: Final = r"[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*){0,4}"
# "Jane Doe - Chief Financial Officer", "Jane Doe, Analyst at Bank", "Operator".
_SPEAKER_LINE: Final = re.compile(
    rf"^(?P<name>{_NAME})(?:\s*(?:[-–—|]+|,)\s*(?P<role>[^.?!]{{2,80}}))?:?$"
)
_SPEAKER_BEFORE: Final = re.compile(rf"^(?P<name>{_NAME})(?:\s*\([^)]{{2,60}}\))?:\s+(?=\S)")
_QUESTIONS: Final = re.compile(r"^(questions?\s*(and|&|-)\s*answers?|q\s*&\s*a)\b", re.I)
_FIRST_QUESTION: Final = re.compile(
    r"\b(first|our next|begin(?:ning)? the) question|open .{0,20}questions", re.I
)
_ROLES: Final = re.compile(
    r"\b(officer|ceo|cfo|president|founder|relations|analyst|director|chair)", re.I
)
_LEAST_TURNS: Final = 3


def find_parts(text: Text) -> list[Section]:
    """The parts of a release, or the turns of a transcript."""
    return _turns(text) or _release_parts(text)


def _release_parts(text: Text) -> list[Section]:
    if not text.blocks:
        return []
    marks = [(0, "headline", "")]
    for place, block in enumerate(text.blocks[1:], start=1):
        code = _heading(block)
        if code is not None and code != marks[-1][1]:
            marks.append((place, code, block.text))
    return [*_sections(text, [(place, code, title, None) for place, code, title in marks])]


def _heading(block: Block) -> str | None:
    if block.kind != "row" and _SAFE_HARBOR.match(block.text):
        # Its heading runs into its paragraph.
        return "forward_looking"
    if block.kind == "row" or len(block.text) > _LONGEST_HEADING or block.text[:1] in "•·●▪":
        return None
    # Units may be glued to it.
    words = re.sub(r"\s*\([^)]*\)$", "", block.text).split()
    # A heading is bold, or in capitals, or has capitals at its words and no end of a sentence.
    starts = sum(word[:1].isupper() or not word[:1].isalpha() for word in words if len(word) > 3)
    long_words = sum(len(word) > 3 for word in words)
    is_titled = block.text[-1:] not in ".;," and starts >= 0.8 * long_words
    if not is_titled:
        return None
    said = _NOTE.sub("", block.text)
    return next((code for code, pattern in _PARTS if pattern.search(said)), None)


def _turns(text: Text) -> list[Section]:
    found = [*_speakers(text.blocks)]
    names = [name for _, name, _ in found]
    # Somebody speaks twice, and an operator or an officer is among them.
    if len(found) < _LEAST_TURNS or len(set(names)) == len(names) or not _is_call(text, found):
        return []
    marks: list[tuple[int, str, str, str | None]] = []
    if found[0][0] > 0:
        marks.append((0, "headline", "", None))
    code = "prepared_remarks"
    bounds = [*(place for place, _, _ in found[1:]), len(text.blocks)]
    for (place, name, role), end in zip(found, bounds, strict=True):
        said = text.blocks[place:end]
        before = text.blocks[max(place - 2, 0) : place]
        if any(_QUESTIONS.match(block.text) for block in before) or (
            name.lower() == "operator" and any(_FIRST_QUESTION.search(b.text) for b in said)
        ):
            code = "questions"
        marks.append((place, code, role, name))
    return [*_sections(text, marks)]


def _is_call(text: Text, found: Sequence[tuple[int, str, str]]) -> bool:
    head = " ".join(block.text for block in text.blocks[: found[0][0] + 1])
    return any(name.lower() == "operator" for _, name, _ in found) or (
        "transcript" in head.lower() and any(_ROLES.search(role) for _, _, role in found)
    )


def _speakers(blocks: Sequence[Block]) -> Iterator[tuple[int, str, str]]:
    """(block, name, role) of each turn."""
    known: set[str] = set()
    for place, block in enumerate(blocks):
        if block.kind == "row":
            continue
        line = _SPEAKER_LINE.match(block.text) if len(block.text) <= _LONGEST_HEADING else None
        if line is not None and (
            line["name"] in known
            or line["name"].lower() == "operator"
            or (line["role"] and _ROLES.search(line["role"]))
        ):
            known.add(line["name"])
            yield place, line["name"], line["role"] or ""
            continue
        before = _SPEAKER_BEFORE.match(block.text)
        if before is not None and len(before["name"].split()) < 4:
            yield place, before["name"], ""


def _sections(text: Text, marks: Sequence[tuple[int, str, str, str | None]]) -> Iterator[Section]:
    ends = [*(place for place, *_ in marks[1:]), len(text.blocks)]
    for (place, code, title, speaker), end in zip(marks, ends, strict=True):
        yield Section(
            code,
            title,
            text.starts[place],
            text.starts[end] - 1 if end < len(text.blocks) else len(text),
            place,
            end,
            speaker,
        )
