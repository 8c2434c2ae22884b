"""Words of a PDF's pages with their places, by pdfium, which takes a fifth of pdfplumber's time.

pypdfium2 comes with pdfplumber. Words have the shape of pdfplumber's, in points from the upper
left: `text`, `x0`, `x1`, `top`, `bottom` and `fontname`.
"""

import ctypes
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

# Of points: a wider gap within a line begins another word, and so does another line.
_WORD_GAP: Final = 3.0
_LINE_STEP: Final = 3.0
# What pdfium says for a letter that its font does not name, and for a hyphen at a line's end.
_UNNAMED: Final = frozenset({0x0000, 0xFFFD, 0xFFFE, 0xFFFF})
_HYPHEN: Final = 0x0002
_LONGEST_FONT: Final = 128

Word = dict[str, Any]


class PasswordError(ValueError):
    """A PDF that asks for a password."""


def page_words(body: bytes, most_pages: int) -> Iterator[tuple[int, list[Word], bool]]:
    """(pages in all, words, whether it shows a picture) of each page, as far as `most_pages`.

    Raises PasswordError, and PdfiumError for a file that pdfium cannot open.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise PasswordError("it asks for a password") from None
        raise
    with closing(document):
        for number in range(min(len(document), most_pages)):
            with closing(document[number]) as page:
                words = [*_words(page)]
                yield len(document), words, bool(not words and _shows_picture(page))


def _shows_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _words(page: pypdfium2.PdfPage) -> Iterator[Word]:
    height = page.get_height()
    box = pdfium.FS_RECTF()
    font = ctypes.create_string_buffer(_LONGEST_FONT)
    flags = ctypes.c_int()
    word: Word | None = None
    with closing(page.get_textpage()) as text:
        for at in range(text.count_chars()):
            letter = _letter(text, at)
            if letter.isspace():
                if word is not None:
                    yield word
                word = None
                continue
            # The box of the font's lines: that of the letter alone ends higher without a descender.
            pdfium.FPDFText_GetLooseCharBox(text, at, box)
            top, bottom = height - box.top, height - box.bottom
            if word is not None and (
                box.left - word["x1"] > _WORD_GAP
                or box.left < word["x0"] - 1
                or abs(bottom - word["bottom"]) > _LINE_STEP
            ):
                yield word
                word = None
            if word is None:
                length = pdfium.FPDFText_GetFontInfo(text, at, font, _LONGEST_FONT, flags)
                name = font.value.decode("latin-1") if length else ""
                word = {
                    "text": "", "x0": box.left, "x1": box.right, "top": top, "bottom": bottom,
                    "fontname": name,
                }  # fmt: skip
            word["text"] += letter
            word["x1"] = max(word["x1"], box.right)
            word["top"], word["bottom"] = min(word["top"], top), max(word["bottom"], bottom)
    if word is not None:
        yield word


def _letter(text: pypdfium2.PdfTextPage, at: int) -> str:
    """A letter; as pdfplumber writes it where the font does not say which one it shows."""
    code = pdfium.FPDFText_GetUnicode(text, at)
    if pdfium.FPDFText_HasUnicodeMapError(text, at) > 0:
        return f"(cid:{code})"
    if code in _UNNAMED:
        return "\x00"
    return "-" if code == _HYPHEN else chr(code)
