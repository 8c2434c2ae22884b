"""Reading a document: from its bytes to text, sections, facts, KPIs, guidance and a verdict.

Pure and without limits of its own: `sandbox` runs it in a process that has them.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

from connectors.documents.guidance import Guidance, find_guidance
from connectors.documents.html import HtmlError, read_html, split_submission
from connectors.documents.inline_xbrl import Cover, InlineFact, parse_inline_facts
from connectors.documents.kpis import Kpi, find_kpis
from connectors.documents.nature import Other, other_than_a_document, other_than_text
from connectors.documents.parts import find_parts
from connectors.documents.pdf import EncryptedPdfError, PdfError, read_pdf
from connectors.documents.periods import find_calendar, tagged_calendar
from connectors.documents.sections import Section, find_sections
from connectors.documents.text import Text, make_text
from connectors.documents.tone import Tone, measure_tone
from connectors.errors import BadBodyError

Verdict = Literal[
    "read",
    "partly_read",
    "scanned",
    "unreadable",
    "empty",
    "encrypted",
    "malformed",
    "too_large",
    "out_of_time",
    "out_of_memory",
    "crashed",
    "not_text",
    "data",
    "error_page",
    "filler",
]
Media = Literal["html", "text", "pdf"]

_ITEM_FORMS: Final = ("10-K", "10-Q", "20-F", "8-K")
_FORM: Final = re.compile(r"^(?:SEC\s+)?form\s+(10-K|10-Q|20-F|40-F|8-K|6-K)\b", re.I)
_COVER_BLOCKS: Final = 80
_LEAST_PARAGRAPH: Final = 80
_RISKS_WITHIN: Final = "3"
_RISKS: Final = frozenset({"1A", "II.1A", _RISKS_WITHIN})
_RISK_HEADING: Final = re.compile(r"\W*(?:(?:item 3\W*)?d\W+)?risk factors\W*$", re.I)
_INLINE: Final = b"http://www.xbrl.org/2013/inlineXBRL"


class SectionText(NamedTuple):
    """A section with its text and tone; offsets count in the characters of the document's text."""

    code: str
    title: str
    speaker: str | None
    start: int
    end: int
    page: int | None
    text: str
    tone: Tone


class RiskParagraph(NamedTuple):
    """A paragraph of the risk factors; `start` is its offset in the document's text."""

    section: str
    start: int
    text: str


@dataclass(frozen=True)
class Reading:
    """What a document says, and a verdict with its reason on how far it could be read.

    `period_end` is the last day of the period that the document is about, where it says so;
    `digest` is a sha256 over the text.
    """

    verdict: Verdict
    detail: str | None = None
    media: Media = "html"
    reader: str | None = None
    pages: int | None = None
    characters: int = 0
    period_end: date | None = None
    fiscal_year: int | None = None
    fiscal_quarter: int | None = None
    digest: str | None = None
    sections: list[SectionText] = field(default_factory=list)
    facts: list[InlineFact] = field(default_factory=list)
    refused_facts: int = 0
    kpis: list[Kpi] = field(default_factory=list)
    guidance: list[Guidance] = field(default_factory=list)
    risks: list[RiskParagraph] = field(default_factory=list)


@dataclass(frozen=True)
class _Body:
    """A document's text and what its format says of it."""

    text: Text
    media: Media
    reader: str
    pages: int | None
    verdict: Verdict
    detail: str | None
    inline: bytes | None


def read_document(body: bytes, document_type: str = "") -> Reading:
    """Read a document of that EDGAR type ("10-K", "EX-99.1"); "" finds out from its cover."""
    try:
        found = _read_body(body)
    except EncryptedPdfError as error:
        return Reading("encrypted", str(error), "pdf")
    except PdfError as error:
        return Reading("malformed", str(error), "pdf")
    except HtmlError as error:
        return Reading("malformed", str(error), "html")
    text = found.text
    form = document_type or guess_form(text)
    whole = text.whole
    facts, refused, cover = _facts(found.inline)
    # What the cover tags is asked first, what it prints next, and the first pages last.
    known = tagged_calendar(*cover) or find_calendar(whole, form)
    sections = find_all_sections(text, form)
    return Reading(
        verdict=found.verdict,
        detail=found.detail,
        media=found.media,
        reader=found.reader,
        pages=found.pages,
        characters=len(whole),
        period_end=known.end,
        fiscal_year=known.fiscal_year,
        fiscal_quarter=known.fiscal_quarter,
        digest=hashlib.sha256(whole.encode()).hexdigest(),
        sections=[_with_text(text, whole, section) for section in sections],
        facts=facts,
        refused_facts=refused,
        kpis=find_kpis(text, sections, form, known),
        guidance=find_guidance(text, sections, known),
        risks=_risks(text, sections),
    )


def guess_form(text: Text) -> str:
    """The form that a document's cover names; "" for one without."""
    for block in text.blocks[:_COVER_BLOCKS]:
        found = _FORM.match(block.text)
        if found is not None:
            return found[1].upper()
    return ""


def find_all_sections(text: Text, form: str) -> list[Section]:
    """A document's items, or its parts where it has none."""
    items = find_sections(text, form) if form.upper().startswith(_ITEM_FORMS) else []
    return items or find_parts(text)


def _read_body(body: bytes) -> _Body:
    if b"%PDF-" in body[:1024]:
        found = read_pdf(body)
        verdict, detail = _of_pages(
            found.pages, found.scanned_pages, found.unreadable_pages, len(found.text)
        )
        return _Body(found.text, "pdf", found.reader, found.pages, verdict, detail, None)
    # Before anything is looked for in it: a program may have the words of a page or a submission.
    other = other_than_text(body)
    if other is not None:
        return _other(other)
    # The first document of a full submission is the filing itself.
    part = split_submission(body)[0].body
    text = read_html(part)
    is_html = b"<" in part[:4096]
    inline = part if _INLINE in part[:20_000] else None
    other = other_than_a_document(part, text)
    if other is not None:
        return _other(other)
    if not text.blocks:
        return _Body(text, "html", "selectolax", None, "empty", "it has no text", None)
    return _Body(text, "html" if is_html else "text", "selectolax", None, "read", None, inline)


def _other(other: Other) -> _Body:
    return _Body(make_text(()), "text", "selectolax", None, other.nature, other.detail, None)


def _of_pages(
    pages: int, scanned: tuple[int, ...], unreadable: tuple[int, ...], characters: int
) -> tuple[Verdict, str | None]:
    reasons = []
    if scanned:
        reasons.append(f"pictures without text: {_listed(scanned)}")
    if unreadable:
        reasons.append(f"fonts that do not name their letters: {_listed(unreadable)}")
    detail = "; ".join(reasons) or None
    if characters:
        return ("partly_read" if reasons else "read"), detail
    if unreadable:
        return "unreadable", detail
    return ("scanned", detail) if scanned else ("empty", f"no text on {pages} pages")


def _listed(pages: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, pages[:10]))
    return f"pages {shown}" + (f" and {len(pages) - 10} more" if len(pages) > 10 else "")


def _facts(inline: bytes | None) -> tuple[list[InlineFact], int, Cover]:
    """Each fact once, where it first stands, how many tags said no number, and the cover's tags."""
    if inline is None:
        return [], 0, Cover()
    try:
        document = parse_inline_facts(inline)
    except BadBodyError:
        # Its text was read; SEC's own companyfacts carry the figures of a filing with broken tags.
        return [], 1, Cover()
    first: dict[tuple[object, ...], InlineFact] = {}
    for fact in document.facts:
        first.setdefault(fact[:-1], fact)
    return [*first.values()], len(document.refused), document.cover


def _with_text(text: Text, whole: str, section: Section) -> SectionText:
    said = whole[section.start : section.end]
    return SectionText(
        section.code,
        section.title,
        section.speaker,
        section.start,
        section.end,
        text.blocks[section.first_block].page,
        said,
        measure_tone(said),
    )


def _risks(text: Text, sections: list[Section]) -> list[RiskParagraph]:
    return [
        RiskParagraph(section.code, text.starts[place], text.blocks[place].text)
        for section in sections
        if section.code in _RISKS
        for place in range(_first_risk(text, section), section.end_block)
        if len(text.blocks[place].text) >= _LEAST_PARAGRAPH and text.blocks[place].kind != "row"
    ]


def _first_risk(text: Text, section: Section) -> int:
    """The block behind the heading; a 20-F tells its risks in a part of an item."""
    if section.code != _RISKS_WITHIN:
        return section.first_block + 1
    places = range(section.first_block, section.end_block)
    return next(
        (place + 1 for place in places if _RISK_HEADING.match(text.blocks[place].text)),
        section.end_block,
    )
