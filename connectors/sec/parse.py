"""SEC's `company_tickers`, `submissions` and `companyfacts` JSON to records."""

import re
from math import isfinite
from typing import Any

import orjson

from connectors.bodies import (
    MistypedError,
    bad_row,
    cik_number,
    load_object,
    optional_flag,
    optional_instant,
    optional_integer,
    optional_text,
    required_date,
    required_text,
)
from connectors.errors import BadBodyError
from connectors.records import BadRow, Lines, Parsed
from connectors.sec import (
    COMPANIES,
    FACTS,
    FILINGS,
    SOURCE,
    TICKERS,
    SecCompany,
    SecFact,
    SecFiling,
    SecTicker,
)
from connectors.shapes import Shape, names, number

_FIRST_IMPOSSIBLE_YEAR = 10_000
# What COPY would not read as it stands, and what no text of PostgreSQL's can hold.
_ESCAPED = re.compile(r"[\\\t\n\r\x00]")


def _year(value: object) -> int | None:
    return optional_integer(value, below=_FIRST_IMPOSSIBLE_YEAR)


def _cik(value: object) -> int:
    found = cik_number(value)
    if found is None:
        raise MistypedError(f"not a CIK: {value!r:.80}")
    return found


def _mapping(value: object) -> None:
    if not isinstance(value, dict):
        raise MistypedError(f"not an object: {value!r:.80}")


def _json_list(value: object) -> str:
    if not isinstance(value, list):
        raise MistypedError(f"not a list: {value!r:.80}")
    # An exchange can be null beside its ticker, so positions are kept.
    return orjson.dumps([optional_text(item) for item in value]).decode()


def _former_names(value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise MistypedError(f"not a list of objects: {value!r:.80}")
    former = [
        {
            "name": required_text(entry.get("name")),
            "from": optional_text(entry.get("from")),
            "to": optional_text(entry.get("to")),
        }
        for entry in value
    ]
    return orjson.dumps(former).decode()


TICKER = Shape(TICKERS, required={"cik_str": _cik, "ticker": required_text, "title": required_text})
COMPANY = Shape(
    COMPANIES,
    # The number was compared and the filings are read elsewhere; without them nothing is.
    required={"cik": _cik, "name": required_text, "filings": _mapping},
    optional={
        "sic": required_text,
        "sicDescription": required_text,
        "fiscalYearEnd": required_text,
        "category": required_text,
        "tickers": _json_list,
        "exchanges": _json_list,
        "formerNames": _former_names,
    },
    ignored=names(
        "entityType ownerOrg insiderTransactionForOwnerExists "
        "insiderTransactionForIssuerExists ein lei description website investorWebsite "
        "stateOfIncorporation stateOfIncorporationDescription addresses phone flags"
    ),
)
FILING = Shape(
    FILINGS,
    required={
        "accessionNumber": required_text,
        "form": required_text,
        "filingDate": required_date,
    },
    optional={
        "reportDate": required_date,
        "acceptanceDateTime": optional_instant,
        "primaryDocument": required_text,
        "primaryDocDescription": required_text,
        "items": required_text,
        "size": optional_integer,
        "isXBRL": optional_flag,
        "isInlineXBRL": optional_flag,
    },
    ignored=frozenset({"act", "fileNumber", "filmNumber", "core_type", "isXBRLNumeric"}),
)
FACT = Shape(
    FACTS,
    required={
        "end": required_date,
        "val": number,
        "accn": required_text,
        "form": required_text,
        "filed": required_date,
    },
    optional={"start": required_date, "fy": _year, "fp": required_text},
    # See `SecFact` for why the frame is left out.
    ignored=frozenset({"frame"}),
)
# A filer has tens of thousands of facts, so whether one has a new field is asked of sets.
_FACT_FIELDS = FACT.required.keys() | FACT.optional.keys() | FACT.ignored


def parse_company_tickers(body: bytes) -> Parsed:
    """Rows of `sec_tickers` from an object of {cik_str, ticker, title} by running number."""
    parsed = Parsed({TICKERS: []})
    for row, values in TICKER.accepted(parsed, load_object(SOURCE, body).values(), {}):
        TICKER.keep_new_fields(parsed, f"{values['cik_str']} {values['ticker']}", row)
        parsed.rows[TICKERS].append(SecTicker(values["cik_str"], values["ticker"], values["title"]))
    return parsed


def parse_submissions(body: bytes, cik: int) -> Parsed:
    """Rows of `sec_filings` from a main document or a history page; the main one also gives the
    filer's row of `sec_companies`.

    A history page does not name its filer; a main document of another filer is a BadBodyError.
    """
    document = load_object(SOURCE, body)
    if "accessionNumber" in document and "filings" not in document:
        return _filings(document, cik)
    _check_cik(document, cik)
    filings = document.get("filings")
    recent = filings.get("recent") if isinstance(filings, dict) else None
    if not isinstance(recent, dict):
        raise _wrong_shape("submissions without recent filings", cik)
    parsed = _filings(recent, cik)
    company = _company(document, cik)
    parsed.rows[COMPANIES] = [company] if isinstance(company, SecCompany) else []
    if isinstance(company, BadRow):
        parsed.rejects.append(company)
    COMPANY.keep_new_fields(parsed, f"{cik}", document)
    return parsed


def parse_companyfacts(body: bytes, cik: int) -> Parsed:
    """Rows of `sec_facts`, and the filer's row of `sec_companies` with `entityName`."""
    parsed = Parsed({FACTS: [], COMPANIES: []})
    return _read_companyfacts(body, cik, parsed, _FactReader(parsed))


def companyfacts_lines(body: bytes, cik: int) -> Parsed:
    """The same, with all facts but the odd ones as `Parsed.lines`, ready for COPY."""
    parsed = Parsed({FACTS: [], COMPANIES: []})
    return _read_companyfacts(body, cik, parsed, _LineReader(parsed))


def _read_companyfacts(body: bytes, cik: int, parsed: Parsed, reader: "_FactReader") -> Parsed:
    document = load_object(SOURCE, body)
    _check_cik(document, cik)
    taxonomies = document.get("facts")
    if not isinstance(taxonomies, dict):
        raise _wrong_shape("companyfacts without facts", cik)
    rejects = parsed.rejects
    try:
        name = required_text(document.get("entityName"))
        parsed.rows[COMPANIES].append(
            SecCompany(cik, "companyfacts", name, None, None, None, None, None, None, None)
        )
    except ValueError as error:
        rejects.append(bad_row(COMPANIES, "name_missing", error, {"cik": cik}))
    for taxonomy, concepts in taxonomies.items():
        for concept, described in _object(concepts).items():
            units = _object(described).get("units")
            for unit, entries in _object(units).items():
                if not isinstance(entries, list):
                    place = {"cik": cik, "taxonomy": taxonomy, "concept": concept, "unit": unit}
                    rejects.append(bad_row(FACTS, "unit_not_a_list", type(entries), place))
                    continue
                reader.read((cik, taxonomy, concept, unit), entries)
            if not isinstance(units, dict):
                place = {"cik": cik, "taxonomy": taxonomy, "concept": concept}
                rejects.append(bad_row(FACTS, "concept_without_units", type(units), place))
        if not isinstance(concepts, dict):
            place = {"cik": cik, "taxonomy": taxonomy}
            rejects.append(bad_row(FACTS, "taxonomy_not_an_object", type(concepts), place))
    reader.finish()
    return parsed


class _FactReader:
    """Reads the facts of one concept and unit after the other, field by field."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed

    def read(self, place: tuple[int, str, str, str], entries: list[Any]) -> None:
        """Add the facts to the rows, and the entries that are none to the rejects."""
        for entry in entries:
            self._read_one(place, entry)

    def finish(self) -> None:
        """Nothing is left to do."""

    def _read_one(self, place: tuple[int, str, str, str], entry: object) -> SecFact | None:
        fact = _fact(*place, entry, self._parsed)
        if isinstance(fact, SecFact):
            self._parsed.rows[FACTS].append(fact)
            return fact
        self._parsed.rejects.append(fact)
        return None


class _LineReader(_FactReader):
    """Makes a line of nearly every fact.

    Most of a fact stands in thousands of others: the names of its fields, its dates, what its
    filing says of itself. What was once found sound is looked up, and an entry all of which is
    known is a line; any other is read field by field.
    """

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self._lines: list[str] = []
        self._shapes: set[tuple[str, ...]] = set()
        self._starts: dict[str | None, str] = {None: "\\N"}
        self._ends: dict[str, str] = {}
        self._filings: dict[tuple[Any, ...], str] = {}

    def read(self, place: tuple[int, str, str, str], entries: list[Any]) -> None:
        if not all(isinstance(text, str) and _is_plain(text) for text in place[1:]):
            super().read(place, entries)
            return
        begin = "\t".join(map(str, place)) + "\t"
        shapes, starts, ends = self._shapes, self._starts, self._ends
        filings, lines = self._filings, self._lines
        for entry in entries:
            try:
                value, fy = entry["val"], entry.get("fy")
                # True and 2020.0 are found in a dictionary as 1 and 2020 are.
                if (
                    (type(value) is int or (type(value) is float and isfinite(value)))
                    and (fy is None or type(fy) is int)
                    and tuple(entry) in shapes
                ):
                    lines.append(
                        f"{begin}{starts[entry.get('start')]}\t{ends[entry['end']]}\t{value!r}\t"
                        + filings[entry["accn"], fy, entry.get("fp"), entry["form"], entry["filed"]]
                    )
                    continue
            except (KeyError, TypeError, AttributeError):
                pass
            self._learn(self._read_one(place, entry), entry)

    def finish(self) -> None:
        """Hand on the lines."""
        if self._lines:
            self._parsed.lines[FACTS] = Lines("".join(self._lines), len(self._lines))

    def _learn(self, fact: SecFact | None, entry: Any) -> None:
        if fact is None or not _FACT_FIELDS.issuperset(entry):
            return
        self._shapes.add(tuple(entry))
        self._ends[entry["end"]] = entry["end"]
        if fact.start_date is not None:
            self._starts[entry["start"]] = entry["start"]
        if all(_is_plain(text) for text in (fact.accession, fact.form, fact.fp) if text):
            own = (fact.accession, fact.fy, fact.fp, fact.form, entry["filed"])
            self._filings[own] = "\t".join("\\N" if v is None else str(v) for v in own) + "\n"


def _is_plain(text: str) -> bool:
    """Whether COPY reads the text as it stands."""
    return bool(text) and not _ESCAPED.search(text)


def _fact(
    cik: int, taxonomy: str, concept: str, unit: str, entry: object, parsed: Parsed
) -> SecFact | BadRow:
    place = {"cik": cik, "taxonomy": taxonomy, "concept": concept, "unit": unit}
    if not isinstance(entry, dict):
        return bad_row(FACTS, "fact_not_an_object", repr(entry), place)
    try:
        required_text(taxonomy)
        required_text(concept)
        required_text(unit)
        values = FACT.read(entry)
    except ValueError as error:
        return bad_row(FACTS, "field_mistyped", error, place | entry)
    if not entry.keys() <= _FACT_FIELDS:
        key = f"{cik} {concept} {unit} {entry['accn']} {entry.get('start')} {entry['end']}"
        FACT.keep_new_fields(parsed, key, entry)
    return SecFact(
        cik,
        taxonomy,
        concept,
        unit,
        values["start"],
        values["end"],
        values["val"],
        values["accn"],
        values["fy"],
        values["fp"],
        values["form"],
        values["filed"],
    )


def _filings(columns: dict[str, Any], cik: int) -> Parsed:
    missing = [name for name in FILING.required if not isinstance(columns.get(name), list)]
    if missing:
        raise _wrong_shape(f"submissions without {', '.join(missing)}", cik)
    count = len(columns["accessionNumber"])
    known = [name for name in (*FILING.required, *FILING.optional) if name in columns]
    # The document is a table by columns: with one of them shorter, rows would take others' values.
    uneven = [
        name for name in known if not isinstance(columns[name], list) or len(columns[name]) != count
    ]
    if uneven:
        raise _wrong_shape(f"submissions with columns of unequal length ({uneven})", cik)
    filings: list[tuple[Any, ...]] = []
    parsed = Parsed({FILINGS: filings})
    for values in zip(*(columns[name] for name in known), strict=True):
        row = dict(zip(known, values, strict=True))
        filing = _filing(row, cik)
        if isinstance(filing, SecFiling):
            filings.append(filing)
        else:
            parsed.rejects.append(filing)
    # A new column is kept whole, once.
    FILING.keep_new_fields(parsed, f"{cik}", columns)
    return parsed


def _filing(row: dict[str, Any], cik: int) -> SecFiling | BadRow:
    try:
        values = FILING.read(row)
    except ValueError as error:
        return bad_row(FILINGS, "field_mistyped", error, {"cik": cik} | row)
    return SecFiling(
        cik,
        values["accessionNumber"],
        values["form"],
        values["filingDate"],
        values["reportDate"],
        values["acceptanceDateTime"],
        values["primaryDocument"],
        values["primaryDocDescription"],
        values["items"],
        values["size"],
        values["isXBRL"],
        values["isInlineXBRL"],
    )


def _company(document: dict[str, Any], cik: int) -> SecCompany | BadRow:
    try:
        values = COMPANY.read(document)
    except ValueError as error:
        row = {"cik": cik} | {name: document.get(name) for name in ("name", *COMPANY.optional)}
        return bad_row(COMPANIES, "field_mistyped", error, row)
    return SecCompany(
        cik,
        "submissions",
        values["name"],
        values["sic"],
        values["sicDescription"],
        values["fiscalYearEnd"],
        values["category"],
        values["tickers"],
        values["exchanges"],
        values["formerNames"],
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_cik(document: dict[str, Any], cik: int) -> None:
    found = cik_number(document.get("cik"))
    if found != cik:
        raise BadBodyError(
            SOURCE,
            f"document of another filer than CIK {cik}",
            f"{document.get('cik')!r:.40}",
            "fetch it again; should it stay, correct the watchlist's CIK",
        )


def _wrong_shape(what: str, cik: int) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, f"CIK {cik}", "look at the capture: SEC may have changed the format"
    )
