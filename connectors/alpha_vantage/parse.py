"""Alpha Vantage's fundamental JSON to records; its "None" and "-" are missing, never zero."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connectors.alpha_vantage import (
    EARNINGS,
    OVERVIEWS,
    SOURCE,
    STATEMENTS,
    AlphaVantageEarnings,
    AlphaVantageOverview,
    AlphaVantageStatement,
)
from connectors.alpha_vantage import fetch as functions
from connectors.bodies import bad_row, cik_number, load_object, required_date, required_text
from connectors.errors import BadBodyError
from connectors.records import Parsed
from connectors.shapes import Shape, names, text_number

_MISSING = frozenset({"None", "-", "", "NaN", "null"})


def _cik(value: object) -> int:
    found = cik_number(value)
    if found is None:
        raise ValueError(f"not a CIK: {value!r:.40}")
    return found


def _or_missing(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if _is_missing(value) else reader(value)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value in _MISSING)


_NUMBER = _or_missing(text_number)
_TEXT = _or_missing(required_text)

OVERVIEW = Shape(
    OVERVIEWS,
    required={"Symbol": required_text, "Name": required_text, "Currency": required_text},
    optional={
        "CIK": _or_missing(_cik),
        "Exchange": _TEXT,
        "Sector": _TEXT,
        "Industry": _TEXT,
        "FiscalYearEnd": _TEXT,
        "LatestQuarter": _or_missing(required_date),
        "MarketCapitalization": _NUMBER,
        "SharesOutstanding": _NUMBER,
        "RevenueTTM": _NUMBER,
        "GrossProfitTTM": _NUMBER,
        "DilutedEPSTTM": _NUMBER,
        "EBITDA": _NUMBER,
    },
    # Ratios that the marts compute themselves, prices of the day, and prose.
    ignored=names(
        "AssetType Description Country Address OfficialSite PERatio PEGRatio BookValue "
        "DividendPerShare DividendYield EPS RevenuePerShareTTM ProfitMargin "
        "OperatingMarginTTM ReturnOnAssetsTTM ReturnOnEquityTTM "
        "QuarterlyEarningsGrowthYOY QuarterlyRevenueGrowthYOY AnalystTargetPrice "
        "AnalystRatingStrongBuy AnalystRatingBuy AnalystRatingHold AnalystRatingSell "
        "AnalystRatingStrongSell TrailingPE ForwardPE PriceToSalesRatioTTM "
        "PriceToBookRatio EVToRevenue EVToEBITDA Beta 52WeekHigh 52WeekLow "
        "50DayMovingAverage 200DayMovingAverage SharesFloat SharesShort "
        "SharesShortPriorMonth ShortRatio ShortPercentOutstanding ShortPercentFloat "
        "PercentInsiders PercentInstitutions ForwardAnnualDividendRate "
        "ForwardAnnualDividendYield PayoutRatio DividendDate ExDividendDate "
        "LastSplitFactor LastSplitDate FullTimeEmployees"
    ),
)
# Every other field of a report is a value and becomes a row.
REPORT = Shape(
    STATEMENTS,
    required={"fiscalDateEnding": required_date, "reportedCurrency": required_text},
)
ANNUAL_EARNINGS = Shape(
    EARNINGS, required={"fiscalDateEnding": required_date}, optional={"reportedEPS": _NUMBER}
)
QUARTERLY_EARNINGS = Shape(
    EARNINGS,
    required={"fiscalDateEnding": required_date},
    optional={
        "reportedDate": _or_missing(required_date),
        "reportedEPS": _NUMBER,
        "estimatedEPS": _NUMBER,
        "surprise": _NUMBER,
        "surprisePercentage": _NUMBER,
        "reportTime": _TEXT,
    },
)
_STATEMENTS = {
    functions.INCOME_STATEMENT: "income",
    functions.BALANCE_SHEET: "balance",
    functions.CASH_FLOW: "cash_flow",
}


def parse_function(function: str, body: bytes, ticker: str) -> Parsed:
    """Rows of the table that one function fills."""
    document = load_object(SOURCE, body)
    if function == functions.OVERVIEW:
        return _overview(document, ticker)
    _check_symbol(document.get("symbol"), ticker)
    if function == functions.EARNINGS:
        return _earnings(document, ticker)
    return _reports(document, ticker, _STATEMENTS[function])


def _overview(document: dict[str, Any], ticker: str) -> Parsed:
    parsed = Parsed({OVERVIEWS: []})
    _check_symbol(document.get("Symbol"), ticker)
    try:
        values = OVERVIEW.read(document)
    except ValueError as error:
        parsed.rejects.append(bad_row(OVERVIEWS, "field_mistyped", error, {"ticker": ticker}))
        return parsed
    OVERVIEW.keep_new_fields(parsed, ticker, document)
    parsed.rows[OVERVIEWS].append(
        AlphaVantageOverview(
            ticker,
            values["Name"],
            values["CIK"],
            values["Exchange"],
            values["Currency"],
            values["Sector"],
            values["Industry"],
            values["FiscalYearEnd"],
            values["LatestQuarter"],
            values["MarketCapitalization"],
            values["SharesOutstanding"],
            values["RevenueTTM"],
            values["GrossProfitTTM"],
            values["DilutedEPSTTM"],
            values["EBITDA"],
        )
    )
    return parsed


def _reports(document: dict[str, Any], ticker: str, statement: str) -> Parsed:
    parsed = Parsed({STATEMENTS: []})
    for name, period_type in (("annualReports", "annual"), ("quarterlyReports", "quarter")):
        place = {"ticker": ticker, "statement": statement, "period_type": period_type}
        for row, head in REPORT.accepted(parsed, _listed(document, name, ticker), place):
            for field in REPORT.new_fields(row):
                value = _value(row[field])
                if value is None:
                    continue
                if isinstance(value, str) or not field or "\x00" in field:
                    bad = place | {"period_end": row["fiscalDateEnding"], "field": field}
                    parsed.rejects.append(
                        bad_row(STATEMENTS, "value_not_numeric", repr(row[field]), bad)
                    )
                    continue
                parsed.rows[STATEMENTS].append(
                    AlphaVantageStatement(
                        ticker,
                        head["reportedCurrency"],
                        period_type,
                        statement,
                        head["fiscalDateEnding"],
                        field,
                        value,
                    )
                )
    return parsed


def _value(given: object) -> Decimal | str | None:
    """The number, None for a missing one, or the text of what is neither."""
    if _is_missing(given):
        return None
    try:
        return text_number(given)
    except ValueError:
        return repr(given)


def _earnings(document: dict[str, Any], ticker: str) -> Parsed:
    parsed = Parsed({EARNINGS: []})
    for name, period_type, shape in (
        ("annualEarnings", "annual", ANNUAL_EARNINGS),
        ("quarterlyEarnings", "quarter", QUARTERLY_EARNINGS),
    ):
        place = {"ticker": ticker, "period_type": period_type}
        for row, values in shape.accepted(parsed, _listed(document, name, ticker), place):
            end = values["fiscalDateEnding"]
            shape.keep_new_fields(parsed, f"{ticker} {period_type} {end}", row)
            parsed.rows[EARNINGS].append(
                AlphaVantageEarnings(
                    ticker,
                    period_type,
                    end,
                    values.get("reportedDate"),
                    values["reportedEPS"],
                    values.get("estimatedEPS"),
                    values.get("surprise"),
                    values.get("surprisePercentage"),
                    values.get("reportTime"),
                )
            )
    return parsed


def _listed(document: dict[str, Any], name: str, ticker: str) -> list[Any]:
    rows = document.get(name)
    if not isinstance(rows, list):
        raise _wrong_shape(f"document without {name}", ticker)
    return rows


def _check_symbol(found: object, ticker: str) -> None:
    if not isinstance(found, str) or found.casefold() != ticker.casefold():
        raise _wrong_shape(f"document of {found!r:.40}", ticker)


def _wrong_shape(what: str, ticker: str) -> BadBodyError:
    return BadBodyError(
        SOURCE, what, ticker, "look at the capture: Alpha Vantage may have changed the format"
    )
