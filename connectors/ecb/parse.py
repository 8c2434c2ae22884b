"""The ECB's reference rates to rows, from `eurofxref-hist.zip` or from its XML documents."""

import csv
import io
import re
import zipfile
import zlib
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from connectors.bodies import bad_row, iso_date, required_text
from connectors.ecb import RATES, SOURCE, EcbRate
from connectors.errors import BadBodyError
from connectors.records import BadRow, Parsed
from connectors.shapes import Shape, text_number

# The true file has 2 MB; thirty times that is no rate table.
_MAX_UNPACKED = 60_000_000
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
# A document type is no part of these documents, and is how XML bombs are built.
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


CUBE = Shape(RATES, required={"currency": required_text, "rate": text_number})


def parse_rates(body: bytes) -> Parsed:
    """Rows of `ecb_rates`; "N/A" marks a currency without a rate that day and makes no row."""
    lines = csv.reader(io.StringIO(_unpack(body), newline=""), strict=True)
    rows: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        if header[:1] != ["Date"] or len(header) < 2:
            raise _wrong_shape("rate table without a Date column", f"{header[:3]!r:.80}")
        # Each line ends in a comma, which makes a last column without a name.
        currencies = [name for name in header[1:] if name]
        unknown = [name for name in currencies if not _CURRENCY.fullmatch(name)]
        if unknown or len(set(currencies)) != len(currencies):
            raise _wrong_shape("rate table with odd currency columns", f"{unknown!r:.80}")
        for line in lines:
            _read_line(line, currencies, rows, rejects)
    except csv.Error as error:
        raise _wrong_shape("rate table is not CSV", str(error)[:80]) from None
    return Parsed({RATES: rows}, rejects)


def parse_recent_rates(body: bytes) -> Parsed:
    """Rows of `ecb_rates` from `eurofxref-daily.xml` or `eurofxref-hist-90d.xml`."""
    if _DOCTYPE.search(body):
        raise _wrong_shape("rate document with a document type", f"{len(body)} bytes")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - entities are refused above
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _wrong_shape("rate document is not XML", str(error)[:80]) from None
    days = [cube for cube in root.iter(_CUBE) if "time" in cube.attrib]
    if not days:
        raise _wrong_shape("rate document without a day", root.tag[:80])
    rows: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    parsed = Parsed({RATES: rows}, rejects)
    for day in days:
        currencies = [cube.get("currency", "") for cube in day]
        # "N/A" and "" mark a currency without a rate; a rate that is not there at all is neither.
        rates = [cube.get("rate", "missing") for cube in day]
        odd = [name for name in currencies if not _CURRENCY.fullmatch(name)]
        if odd or len(set(currencies)) != len(currencies):
            raise _wrong_shape("rate document with odd currencies", f"{odd!r:.80}")
        _read_line([day.attrib["time"], *rates, ""], currencies, rows, rejects)
        for cube in day:
            key = f"{cube.get('currency')} {day.attrib['time']}"
            CUBE.keep_new_fields(parsed, key, cube.attrib)
    return parsed


def _read_line(
    line: list[str],
    currencies: list[str],
    rows: list[tuple[Any, ...]],
    rejects: list[BadRow],
) -> None:
    texts = [text.strip() for text in line]
    if not any(texts):
        return
    try:
        rate_date = iso_date(texts[0])
    except ValueError as error:
        rejects.append(bad_row(RATES, "date_mistyped", error, {"date": texts[0]}))
        return
    if len(texts) <= len(currencies):
        row = {"date": texts[0], "columns": len(texts)}
        rejects.append(bad_row(RATES, "line_too_short", f"{len(texts)} columns", row))
        return
    for currency, text in zip(currencies, texts[1:], strict=False):
        if text in ("", "N/A"):
            continue
        if _RATE.fullmatch(text) and text.isascii():
            rows.append(EcbRate(currency, rate_date, Decimal(text)))
        else:
            row = {"currency": currency, "date": texts[0], "rate": text}
            rejects.append(bad_row(RATES, "rate_not_numeric", text, row))


def _unpack(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            names = [name for name in packed.namelist() if name.lower().endswith(".csv")]
            if len(names) != 1:
                raise _wrong_shape("archive without exactly one CSV", f"{names!r:.80}")
            with packed.open(names[0]) as file:
                # The size in the archive's own index is not to be trusted.
                content = file.read(_MAX_UNPACKED + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        # Of a method of compression that Python does not know, too.
        RuntimeError,
        ValueError,
    ) as error:
        raise _wrong_shape("body is not a zip archive", type(error).__name__) from None
    if len(content) > _MAX_UNPACKED:
        raise _wrong_shape("rate table is too large", f"over {_MAX_UNPACKED} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong_shape("rate table is not UTF-8", f"{len(content)} bytes") from None


def _wrong_shape(what: str, value: str) -> BadBodyError:
    return BadBodyError(SOURCE, what, value, "fetch it again, then look at the capture")
