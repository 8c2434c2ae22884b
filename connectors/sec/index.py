"""EDGAR's daily index, a table of fixed columns, to announced filings."""

import re
from collections.abc import Collection
from datetime import date

from connectors.bodies import bad_row
from connectors.errors import BadBodyError
from connectors.records import Parsed
from connectors.sec import INDEX, SOURCE, SecIndexFiling
from connectors.shapes import Shape

# The end of a line is told by its form alone: a long company name pushes the later columns.
_LINE = re.compile(
    r"(?P<name>.*?)\s+(?P<cik>[0-9]{1,10})\s+(?P<filed>[0-9]{4}-?[0-9]{2}-?[0-9]{2})\s+"
    r"edgar/data/[0-9]+/(?P<accession>[0-9]{10}-[0-9]{2}-[0-9]{6})\.txt(?P<more>\s.*)?"
)

# The columns are told by the line's form; what follows them is new.
LINE = Shape(INDEX, required={})


def parse_daily_index(body: bytes, day: date, ciks: Collection[int]) -> Parsed:
    """Rows of `sec_index_filings` for the filers asked about; all others are left out."""
    # EDGAR writes names of its early years in Latin-1.
    lines = body.decode("latin-1").splitlines()
    header = next((n for n, line in enumerate(lines) if line.startswith("Form Type")), None)
    if header is None or "Company Name" not in lines[header]:
        raise _wrong_shape("index without its header", day)
    if header + 1 >= len(lines) or not lines[header + 1].startswith("-----"):
        raise _wrong_shape("index without its rule", day)
    name_at = lines[header].index("Company Name")
    parsed = Parsed({INDEX: []})
    for line in lines[header + 2 :]:
        if not line.strip():
            continue
        match = _LINE.fullmatch(line, name_at)
        form = line[:name_at].strip()
        if match is None or not form:
            parsed.rejects.append(bad_row(INDEX, "line_mistyped", line, {"line": line}))
            continue
        if int(match["cik"]) not in ciks:
            continue
        try:
            filed = date.fromisoformat(match["filed"])
        except ValueError as error:
            parsed.rejects.append(bad_row(INDEX, "line_mistyped", error, {"line": line}))
            continue
        LINE.keep_new_fields(parsed, match["accession"], _more(match))
        parsed.rows[INDEX].append(
            SecIndexFiling(
                int(match["cik"]), match["accession"], form, match["name"].strip(), filed, day
            )
        )
    return parsed


def _more(match: re.Match[str]) -> dict[str, str]:
    """What stands after the last column that we know."""
    more = (match["more"] or "").strip()
    return {"after_file_name": more} if more else {}


def _wrong_shape(what: str, day: date) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, str(day), "look at the capture: SEC may have changed the format"
    )
