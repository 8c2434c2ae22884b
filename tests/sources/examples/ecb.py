"""The European Central Bank: the history as a zip, the recent days as XML."""

import io
import zipfile

from connectors.ecb import fetch as ecb
from connectors.ecb.parse import parse_rates, parse_recent_rates
from tests.sources.examples.example import Example

_RECENT_RATES = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time="2026-07-10">
<Cube currency="USD" rate="1.1700"/><Cube currency="JPY" rate="170.25"/></Cube></Cube>
</gesmes:Envelope>"""


def _rates_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "Date,USD,JPY,\n2026-07-09,1.1712,170.5,\n")
    return buffer.getvalue()


EXAMPLES = [
    Example(
        "ecb history",
        "ecb",
        _rates_zip(),
        ecb.fetch_rates,
        parse_rates,
        "application/zip",
    ),
    Example(
        "ecb recent rates",
        "ecb",
        _RECENT_RATES,
        lambda client, url: ecb.fetch_recent_rates(client, url, 1),
        parse_recent_rates,
        "text/xml",
    ),
]
ADDRESSES = {
    r"eurofxref-hist\.zip": "ecb history",
    r"eurofxref": "ecb recent rates",
}
