"""What kind of thing a file is that no filing and no release can be: servers send such in place of
a document, and nobody should search it or count its words."""

import json
import re
from typing import Final, Literal, NamedTuple

from connectors.documents.text import Text

Nature = Literal["not_text", "data", "error_page", "filler"]

# Looked at one by one: what is packed may begin, or end, as text.
_PIECE: Final = 65_536
# Bytes that no text has: of random ones they are a tenth.
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r"))
_MOST_CONTROLS: Final = 0.01
# Servers leave a stray one in pages, never several: those are the heads of archives, whose files
# may be text for a megabyte.
_HOLE: Final = bytes(4)
# A page that says no more than that there is no page; documents are longer.
_LONGEST_ERROR: Final = 3_000
_REFUSED: Final = re.compile(
    r"access (?:is )?denied|(?:request|access) (?:was |has been )?(?:blocked|rejected)"
    r"|\bforbidden\b|undeclared automated tool|request rate threshold"
    r"|(?:page|file|document) (?:was |is )?not found|\b(?:40[0134]|429|50[0234])\b"
    r".{0,20}\b(?:error|not found|forbidden|unavailable|gateway"
    r"|too many|bad request)|(?:error|status)(?: code)?:? (?:4\d\d|50\d)\b"
    r"|service (?:is )?(?:temporarily )?unavailable|verify (?:that )?you are (?:a )?human"
    r"|enable javascript and cookies|just a moment\.\.\.|are you a robot",
    re.I,
)
# Latin that stands where nothing has been written yet.
_FILLER: Final = re.compile(
    r"\b(?:lorem|ipsum|dolor|consectetur|adipiscing|eiusmod|incididunt|aliqua)\b", re.I
)
_LEAST_FILLER: Final = 0.01


class Other(NamedTuple):
    """The kind of thing, and what shows it."""

    nature: Nature
    detail: str


def other_than_text(body: bytes) -> Other | None:
    """A program, a picture, an archive; None for what may be text."""
    for start in range(0, len(body), _PIECE):
        piece = body[start : start + _PIECE]
        controls = len(piece) - len(piece.translate(None, _CONTROLS))
        if controls > _MOST_CONTROLS * len(piece):
            told = f"{controls / len(piece):.0%} of its bytes stand in no text"
            return Other("not_text", f"{told}, from byte {start:,}" if start else told)
    if _HOLE in body:
        place = f"from byte {body.index(_HOLE):,}"
        return Other("not_text", f"{len(_HOLE)} zero bytes in a row stand in no text, {place}")
    return None


def other_than_a_document(body: bytes, text: Text) -> Other | None:
    """What a text is that is no document; None for one that may be."""
    if _is_json(body):
        return Other("data", "it is JSON")
    whole = text.whole
    refused = _REFUSED.search(whole) if len(whole) < _LONGEST_ERROR else None
    if refused is not None:
        return Other("error_page", f"a server's page: “{refused[0]}”")
    words = len(whole.split())
    if len(_FILLER.findall(whole)) > max(_LEAST_FILLER * words, 2):
        return Other("filler", "Latin that holds a place for text")
    return None


def _is_json(body: bytes) -> bool:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return False
    try:
        return isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):
        return False
