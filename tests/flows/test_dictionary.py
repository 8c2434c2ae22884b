"""The site's dictionary: each published column is described as dbt describes it."""

import re
from html import unescape
from pathlib import Path

from tests.dbt.project import parsed
from tests.nights import SampleNights
from warehouse.publishing.declared import marts_from_manifest

_TAG = re.compile(r"<[^>]+>")


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())


def test_each_column_is_described_on_the_page_as_in_dbt(sample_nights: SampleNights) -> None:
    page = Path(sample_nights.home.path, "site", "dictionary.html").read_text(encoding="utf-8")
    told = {}
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        mart = _plain(re.search(r"<caption[^>]*>(.*?)</caption>", table, re.DOTALL)[1])  # type: ignore[index]
        for column, cells in re.findall(
            r"<tr[^>]*>\s*<th[^>]*>(.*?)</th>(.*?)</tr>", table, re.DOTALL
        ):
            found = re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)
            if found:
                told[mart.split(":")[0], _plain(column)] = _plain(found[-1])
    declared = {
        (mart.name, column): " ".join(description.split())
        for mart in marts_from_manifest(parsed().writable_manifest().to_dict(omit_none=False))
        if not mart.is_internal
        for column, description in mart.columns.items()
    }
    assert {key: told.get(key) for key in declared} == declared
