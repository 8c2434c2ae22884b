"""SEC's `company_tickers`, `submissions` and `companyfacts` JSON to records."""

from typing import Any

import orjson

from connectors.bodies import (
    MistypedError,
    bad_row,
    cik_number,
    exact_number,
    load_object,
    optional_date,
    optional_flag,
    optional_instant,
    optional_integer,
    optional_text,
    required_date,
    required_text,
)
from connectors.errors import BadBodyError
from connectors.records import BadRow, Parsed
from connectors.sec import SOURCE
from connectors.sec.records import (
    COMPANIES,
    FACTS,
    FILINGS,
    TICKERS,
    SecCompany,
    SecFact,
    SecFiling,
    SecTicker,
)

_REQUIRED_COLUMNS = ("accessionNumber", "form", "filingDate")
_OPTIONAL_COLUMNS = (
    "reportDate",
    "acceptanceDateTime",
    "primaryDocument",
    "primaryDocDescription",
    "items",
    "size",
    "isXBRL",
    "isInlineXBRL",
)


def parse_company_tickers(body: bytes) -> Parsed:
    """Rows of `sec_tickers` from an object of {cik_str, ticker, title} by running number."""
    tickers: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    for entry in load_object(SOURCE, body).values():
        row = entry if isinstance(entry, dict) else {"row": entry}
        cik = cik_number(row.get("cik_str"))
        if cik is None:
            rejects.append(bad_row(TICKERS, "cik_mistyped", repr(row.get("cik_str")), row))
            continue
        try:
            tickers.append(
                SecTicker(cik, required_text(row.get("ticker")), required_text(row.get("title")))
            )
        except ValueError as error:
            rejects.append(bad_row(TICKERS, "field_mistyped", error, row))
    return Parsed({TICKERS: tickers}, rejects)


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
    return parsed


def parse_companyfacts(body: bytes, cik: int) -> Parsed:
    """Rows of `sec_facts`, and the filer's row of `sec_companies` with `entityName`."""
    document = load_object(SOURCE, body)
    _check_cik(document, cik)
    taxonomies = document.get("facts")
    if not isinstance(taxonomies, dict):
        raise _wrong_shape("companyfacts without facts", cik)
    facts: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    companies: list[tuple[Any, ...]] = []
    try:
        name = required_text(document.get("entityName"))
        companies.append(
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
                for entry in entries:
                    fact = _fact(cik, taxonomy, concept, unit, entry)
                    if isinstance(fact, SecFact):
                        facts.append(fact)
                    else:
                        rejects.append(fact)
            if not isinstance(units, dict):
                place = {"cik": cik, "taxonomy": taxonomy, "concept": concept}
                rejects.append(bad_row(FACTS, "concept_without_units", type(units), place))
        if not isinstance(concepts, dict):
            place = {"cik": cik, "taxonomy": taxonomy}
            rejects.append(bad_row(FACTS, "taxonomy_not_an_object", type(concepts), place))
    return Parsed({FACTS: facts, COMPANIES: companies}, rejects)


def _fact(cik: int, taxonomy: str, concept: str, unit: str, entry: object) -> SecFact | BadRow:
    place = {"cik": cik, "taxonomy": taxonomy, "concept": concept, "unit": unit}
    if not isinstance(entry, dict):
        return bad_row(FACTS, "fact_not_an_object", repr(entry), place)
    value = exact_number(entry.get("val"))
    if value is None:
        return bad_row(FACTS, "value_not_numeric", repr(entry.get("val")), place | entry)
    try:
        return SecFact(
            cik,
            required_text(taxonomy),
            required_text(concept),
            required_text(unit),
            optional_date(entry.get("start")),
            required_date(entry.get("end")),
            value,
            required_text(entry.get("accn")),
            optional_integer(entry.get("fy"), below=10_000),
            optional_text(entry.get("fp")),
            required_text(entry.get("form")),
            required_date(entry.get("filed")),
        )
    except ValueError as error:
        return bad_row(FACTS, "field_mistyped", error, place | entry)


def _filings(columns: dict[str, Any], cik: int) -> Parsed:
    missing = [name for name in _REQUIRED_COLUMNS if not isinstance(columns.get(name), list)]
    if missing:
        raise _wrong_shape(f"submissions without {', '.join(missing)}", cik)
    count = len(columns["accessionNumber"])
    names = [name for name in (*_REQUIRED_COLUMNS, *_OPTIONAL_COLUMNS) if name in columns]
    # The document is a table by columns: with one of them shorter, rows would take others' values.
    uneven = [
        name for name in names if not isinstance(columns[name], list) or len(columns[name]) != count
    ]
    if uneven:
        raise _wrong_shape(f"submissions with columns of unequal length ({uneven})", cik)
    filings: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    for values in zip(*(columns[name] for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        filing = _filing(row, cik)
        if isinstance(filing, SecFiling):
            filings.append(filing)
        else:
            rejects.append(filing)
    return Parsed({FILINGS: filings}, rejects)


def _filing(row: dict[str, Any], cik: int) -> SecFiling | BadRow:
    try:
        return SecFiling(
            cik,
            required_text(row["accessionNumber"]),
            required_text(row["form"]),
            required_date(row["filingDate"]),
            optional_date(row.get("reportDate")),
            optional_instant(row.get("acceptanceDateTime")),
            optional_text(row.get("primaryDocument")),
            optional_text(row.get("primaryDocDescription")),
            optional_text(row.get("items")),
            optional_integer(row.get("size")),
            optional_flag(row.get("isXBRL")),
            optional_flag(row.get("isInlineXBRL")),
        )
    except ValueError as error:
        return bad_row(FILINGS, "field_mistyped", error, {"cik": cik} | row)


def _company(document: dict[str, Any], cik: int) -> SecCompany | BadRow:
    fields = (
        "name",
        "sic",
        "sicDescription",
        "fiscalYearEnd",
        "category",
        "tickers",
        "exchanges",
        "formerNames",
    )
    try:
        return SecCompany(
            cik,
            "submissions",
            required_text(document.get("name")),
            optional_text(document.get("sic")),
            optional_text(document.get("sicDescription")),
            optional_text(document.get("fiscalYearEnd")),
            optional_text(document.get("category")),
            _json_list(document.get("tickers")),
            _json_list(document.get("exchanges")),
            _former_names(document.get("formerNames")),
        )
    except ValueError as error:
        row = {"cik": cik} | {name: document.get(name) for name in fields}
        return bad_row(COMPANIES, "field_mistyped", error, row)


def _json_list(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise MistypedError(f"not a list: {value!r:.80}")
    # An exchange can be null beside its ticker, so positions are kept.
    return orjson.dumps([optional_text(item) for item in value]).decode()


def _former_names(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise MistypedError(f"not a list of objects: {value!r:.80}")
    names = [
        {
            "name": required_text(entry.get("name")),
            "from": optional_text(entry.get("from")),
            "to": optional_text(entry.get("to")),
        }
        for entry in value
    ]
    return orjson.dumps(names).decode()


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
