"""A document of a filing, with something for every table that reading fills."""

from datetime import date

from connectors.filed_documents.fetch import Filing, fetch_filing
from connectors.filed_documents.parse import IndexEntry
from connectors.filed_documents.parse import parse_document as parse_filed
from tests.sources.examples.example import Example

_LISTED = ("0000000001-26-000001", "10-K", date(2026, 2, 27))

_REPORTED = Filing(1, "0000000001-26-000001", "10-K", "x-20251231.htm", date(2026, 2, 27))

_ENTRY = IndexEntry("10-K", "x-20251231.htm", "10-K")

# A report with something for every table that reading fills.
_REPORT = b"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi"><body>
<div style="display:none"><ix:header><ix:resources>
<xbrli:context id="c1"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier>
<xbrli:segment>
<xbrldi:explicitMember dimension="us-gaap:StatementBusinessSegmentsAxis">x:ChalkMember
</xbrldi:explicitMember></xbrli:segment></xbrli:entity><xbrli:period>
<xbrli:startDate>2025-01-01</xbrli:startDate><xbrli:endDate>2025-12-31</xbrli:endDate>
</xbrli:period></xbrli:context>
<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
</ix:resources></ix:header></div>
<p>FORM 10-K</p><p>For the fiscal year ended December 31, 2025</p>
<p><b>Item 1A. Risk Factors</b></p>
<p>Chalk could break in ways that we do not foresee, which would harm our business and results.</p>
<p><b>Item 7. Management's Discussion and Analysis</b></p>
<p>As of December 31, 2025, we had 9.5 million paid subscribers. Chalk brought
$<ix:nonFraction name="us-gaap:Revenues" contextRef="c1" unitRef="usd" decimals="0" scale="0">700
</ix:nonFraction>.</p>
<p>For 2026, we expect revenue of $1.3 million to $1.4 million.</p>
<p><b>Item 8. Financial Statements</b></p><p>They are at the end.</p>
</body></html>"""

# A page for people may be anything: what is read of it is in tests/documents.
PAGES = [
    Example(
        "filed document",
        "sec",
        _REPORT,
        lambda client, url: fetch_filing(client, url, _REPORTED),
        lambda body: parse_filed(1, *_LISTED, "https://a.example/x", "0" * 64, _ENTRY),
        "text/html",
    ),
]
ADDRESSES = {
    r"Archives/edgar/data/": "filed document",
}
