"""Yahoo's `v10/finance/quoteSummary` JSON to statement values."""

from datetime import UTC, date, datetime
from typing import Any

from connectors.bodies import bad_row, exact_number, required_text
from connectors.errors import BadBodyError
from connectors.records import BadRow, Parsed
from connectors.shapes import Shape
from connectors.yahoo_answers import check_symbol, first_result
from connectors.yahoo_statements import SOURCE, STATEMENTS, YahooStatement
from connectors.yahoo_statements.fetch import MODULES

# module, its list, statement, period type
_HISTORIES = (
    ("incomeStatementHistory", "incomeStatementHistory", "income", "annual"),
    ("incomeStatementHistoryQuarterly", "incomeStatementHistory", "income", "quarter"),
    ("balanceSheetHistory", "balanceSheetStatements", "balance", "annual"),
    ("balanceSheetHistoryQuarterly", "balanceSheetStatements", "balance", "quarter"),
    ("cashflowStatementHistory", "cashflowStatements", "cash_flow", "annual"),
    ("cashflowStatementHistoryQuarterly", "cashflowStatements", "cash_flow", "quarter"),
)
# Every field of a statement is a value; of the summary the modules that are asked for are known.
SUMMARY = Shape(STATEMENTS, required={}, ignored=frozenset(MODULES))
_NOT_VALUES = frozenset({"endDate", "maxAge"})


def parse_statements(body: bytes, ticker: str) -> Parsed:
    """Rows of `yahoo_statements`; a value that Yahoo gives as {} is missing and makes no row."""
    result = first_result(SOURCE, body, "quoteSummary", ticker)
    check_symbol(SOURCE, _object(result.get("price")).get("symbol"), ticker)
    try:
        currency = required_text(_object(result.get("financialData")).get("financialCurrency"))
    except ValueError:
        raise BadBodyError(
            SOURCE,
            "statements without a currency",
            ticker,
            "look at the capture: not every listing has statements",
        ) from None
    rows: list[tuple[Any, ...]] = []
    rejects: list[BadRow] = []
    for module, name, statement, period_type in _HISTORIES:
        statements = _object(result.get(module)).get(name, [])
        place = {"ticker": ticker, "statement": statement, "period_type": period_type}
        for values in statements if isinstance(statements, list) else [statements]:
            try:
                period_end = _period_end(_object(values).get("endDate"))
            except ValueError as error:
                rejects.append(bad_row(STATEMENTS, "period_end_mistyped", error, place))
                continue
            for field, given in _object(values).items():
                if field in _NOT_VALUES or given is None or given == {}:
                    continue
                value = exact_number(_object(given).get("raw"))
                if value is None or not field or "\x00" in field:
                    row = place | {"period_end": str(period_end), "field": field, "value": given}
                    rejects.append(bad_row(STATEMENTS, "value_not_numeric", repr(given), row))
                    continue
                rows.append(
                    YahooStatement(
                        ticker, currency, period_type, statement, period_end, field, value
                    )
                )
    parsed = Parsed({STATEMENTS: rows}, rejects)
    SUMMARY.keep_new_fields(parsed, ticker, result)
    return parsed


def _period_end(given: object) -> date:
    stamp = _object(given).get("raw")
    if type(stamp) is not int:
        raise ValueError(f"not a time in seconds: {given!r:.80}")
    try:
        return datetime.fromtimestamp(stamp, UTC).date()
    except (OverflowError, OSError) as error:
        raise ValueError(f"time out of range: {stamp}") from error


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
