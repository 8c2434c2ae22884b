"""Documents that mean harm, made here: each must cost one verdict, within bounds of time and
memory."""

import io
import zlib
from collections.abc import Callable
from typing import Final

import pypdf
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject


def _pdf(
    objects: list[bytes], root: int = 1, xref: bytes | None = None, extra: bytes = b""
) -> bytes:
    """A PDF of these numbered objects; `xref` in place of a true table."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    if xref is None:
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\n" % (len(objects) + 1, root, extra)
    else:
        out += xref.replace(b"@START@", b"%d" % start)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _page_with(content: bytes, filters: bytes = b"") -> list[bytes]:
    stream = b"<< /Length %d %s >>\nstream\n" % (len(content), filters) + content + b"\nendstream"
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> /XObject << /X0 6 0 R >> >> >>",
        stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]


def flate_bomb() -> bytes:
    """A content stream that unpacks to ten gigabytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    # A block that stands alone is the same wherever it stands: packed once, said a thousand times.
    block = packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return _pdf(_page_with(head + block * 1_000 + packer.flush(), b"/Filter /FlateDecode"))


def circular_xref() -> bytes:
    """A table of references whose predecessor is itself."""
    xref = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 6 /Root 1 0 R /Prev @START@ >>\n"
    return _pdf(_page_with(b"BT /F1 12 Tf (loop) Tj ET"), xref=xref)


def page_tree_loop() -> bytes:
    """A page tree that is its own child."""
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>",
        ]
    )


def outline_loop() -> bytes:
    """Bookmarks that follow each other in a ring."""
    objects = _page_with(b"BT /F1 12 Tf 72 700 Td (Outline) Tj ET")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>"
    objects += [
        b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 6 0 R /Next 7 0 R /First 7 0 R /Last 7 0 R >>",
    ]
    return _pdf(objects)


def xobject_loop() -> bytes:
    """A drawing that draws itself."""
    content = b"/X0 Do"
    objects = _page_with(content)
    objects.append(
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 12"
        b" /Resources << /XObject << /X0 6 0 R >> >> >>\nstream\n/X0 Do /X0 Do\nendstream"
    )
    return _pdf(objects)


def encrypted() -> bytes:
    """A document with a password."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def without_pages() -> bytes:
    """A document of no pages."""
    return _pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


def many_pages() -> bytes:
    """A document of ten thousand pages."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 10_003))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>"
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [" + kids + b"] /Count 10000 >>",
            *[page] * 10_000,
        ]
    )


def wide_text() -> bytes:
    """A page on which one string has a million letters."""
    return _pdf(_page_with(b"BT /F1 1 Tf (" + b"A" * 1_000_000 + b") Tj ET"))


def picture_page() -> bytes:
    """A page that is a picture."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(200, 200)
    image = StreamObject()
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(1),
            NameObject("/Height"): NumberObject(1),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/BitsPerComponent"): NumberObject(8),
        }
    )
    image.set_data(b"\x00")
    reference = writer._add_object(image)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/I0"): reference})}
    )
    content = StreamObject()
    content.set_data(b"q 200 0 0 200 0 0 cm /I0 Do Q")
    page[NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def entity_bomb() -> bytes:
    """Entities that call each other, nine deep."""
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(9)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE html [{levels}]>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL">'
        "<body><p>Figures: &l8;</p></body></html>"
    ).encode()


def external_entity() -> bytes:
    """An entity that is a file of ours."""
    return (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL">'
        b"<body><p>Who: &x;</p></body></html>"
    )


def deep_html() -> bytes:
    """A hundred thousand elements in each other."""
    return b"<html><body>" + b"<div>" * 100_000 + b"<p>bottom</p>" + b"</div>" * 100_000


def deep_table() -> bytes:
    """Ten thousand tables in each other."""
    return b"<html><body>" + b"<table><tr><td>" * 10_000 + b"bottom"


def deep_inline() -> bytes:
    """Tagged numbers in each other, fifty thousand deep."""
    head = b'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL">'
    tag = b'<ix:nonFraction name="a" contextRef="c" unitRef="u">'
    return head + tag * 50_000 + b"1" + b"</ix:nonFraction>" * 50_000 + b"</html>"


def long_strings() -> dict[str, bytes]:
    """A megabyte of what each pattern likes to begin with, and never ends as it hopes."""
    size = 1_000_000
    seeds: dict[str, str] = {
        "digits": "1",
        "grouped digits": "1,234",
        "spaces": " ",
        "item": "Item 1. ",
        "open brackets": "(",
        "dollars": "$",
        "revenue": "revenue ",
        "revenue of": "revenue of $1 million and ",
        "users for": "MAUs for the quarter for ",
        "months ended": "three months ended December 31, 2025 and ",
        "years": "2025 and 2024 and ",
        "fiscal": "fiscal year ",
        "quarters": "Q1 2025 Q2 ",
        "sentences": "A. B! ",
        "speakers": "Jane Doe - ",
        "names": "Jane D. ",
        "bars": " | ",
        "dashes": "-",
        "percent": "12% or ",
        "compared": "revenue was $5 million compared with ",
        "cents": "12 cents ",
        "expected": "revenue is expected to be between $1 and ",
        "letters": "a",
        "guidance": "guidance ",
    }
    return {
        name: f"<p>{(seed * (size // len(seed) + 1))[:size]}</p>".encode()
        for name, seed in seeds.items()
    }


# Each with the verdicts that it may come to.
PDFS: Final[dict[str, tuple[Callable[[], bytes], frozenset[str]]]] = {
    "flate bomb": (flate_bomb, frozenset({"out_of_memory", "out_of_time", "malformed", "empty"})),
    "circular xref": (circular_xref, frozenset({"malformed", "empty", "read"})),
    "page tree loop": (page_tree_loop, frozenset({"malformed", "empty", "crashed"})),
    "outline loop": (outline_loop, frozenset({"read"})),
    "drawing loop": (xobject_loop, frozenset({"empty", "malformed", "out_of_time", "crashed"})),
    "encrypted": (encrypted, frozenset({"encrypted"})),
    "no pages": (without_pages, frozenset({"malformed", "empty"})),
    "ten thousand pages": (many_pages, frozenset({"malformed"})),
    "one long string": (wide_text, frozenset({"read", "out_of_time", "out_of_memory"})),
    "a picture": (picture_page, frozenset({"scanned"})),
}
PAGES: Final[dict[str, tuple[Callable[[], bytes], frozenset[str]]]] = {
    "entity bomb": (entity_bomb, frozenset({"read"})),
    "external entity": (external_entity, frozenset({"read"})),
    "deep html": (deep_html, frozenset({"malformed"})),
    "deep table": (deep_table, frozenset({"read", "malformed"})),
    "deep inline": (deep_inline, frozenset({"read", "empty"})),
}
