"""The ECB's zip becomes one rate for each currency and day that has one."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from connectors.ecb import EcbRate
from connectors.ecb import parse as ecb_parse
from connectors.ecb.parse import parse_rates
from connectors.errors import BadBodyError
from tests.recorded import recorded


def packed(text: str | bytes, name: str = "eurofxref-hist.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def test_the_recorded_history() -> None:
    parsed = parse_rates(packed(recorded("market", "ecb", "eurofxref-hist.csv").read_bytes()))
    assert parsed.rejects == []
    rates = set(parsed.rows["ecb_rates"])
    # The euro's first reference rates, of 4 January 1999, and the last ones recorded.
    assert EcbRate("USD", date(1999, 1, 4), Decimal("1.1789")) in rates
    assert EcbRate("USD", date(2026, 4, 13), Decimal("1.1684")) in rates
    assert not any(isinstance(rate, EcbRate) and rate.currency == "TWD" for rate in rates)
    assert len(rates) == len(parsed.rows["ecb_rates"])


def test_missing_rates_make_no_row_and_odd_ones_are_rejects() -> None:
    text = (
        "Date,USD,JPY,BGN,\n2026-04-13,1.1684,N/A,,\n2026-04-12,NaN,-1,1e5,\nsoon,1,1,1,\n2026,\n"
    )
    parsed = parse_rates(packed(text))
    assert parsed.rows["ecb_rates"] == [EcbRate("USD", date(2026, 4, 13), Decimal("1.1684"))]
    assert [reject.rule for reject in parsed.rejects] == [
        "rate_not_numeric",
        "rate_not_numeric",
        "rate_not_numeric",
        "date_mistyped",
        "date_mistyped",
    ]


def test_a_line_cut_short_is_a_reject() -> None:
    parsed = parse_rates(packed("Date,USD,JPY,\n2026-04-13,1.1684\n"))
    assert parsed.rows["ecb_rates"] == []
    assert [reject.rule for reject in parsed.rejects] == ["line_too_short"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        packed("Date,USD,\n")[:-30],
        packed("<html></html>"),
        packed(""),
        packed("Date,USD,USD,\n"),
        packed("Date,\x00,\n"),
        packed(b"\xff\xfe\x00"),
        packed("Date,USD,\n", name="readme.txt"),
    ],
)
def test_a_body_of_another_kind_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(BadBodyError):
        parse_rates(body)


def test_a_zip_bomb_is_not_unpacked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecb_parse, "_MAX_UNPACKED", 1_000_000)
    with pytest.raises(BadBodyError, match="too large"):
        parse_rates(packed("Date,USD,\n" + "0" * 5_000_000))
