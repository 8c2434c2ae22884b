"""The company report in a real browser: it renders, sorts, and complains about nothing."""

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from reports.companies import render_companies
from tests.browser.example_rows import (
    PUBLICATION,
    company,
    left_out_company,
    quarters,
    segment,
)
from tests.limits import seconds

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=2000",
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"
)


@pytest.fixture
def page() -> str:
    return render_companies(
        PUBLICATION,
        [
            company("AAA", revenue_ttm_usd=Decimal(900), revenue_growth_pct=Decimal("0.05")),
            company(
                "BBB",
                revenue_ttm_usd=Decimal(80),
                revenue_growth_pct=None,
                revenue_growth_blank_reason="no_year_before",
                rank_overall=2,
            ),
            company("CCC", revenue_ttm_usd=Decimal(7), rank_overall=3),
            left_out_company("OLD", "vendor_only", revenue_ttm_usd=Decimal(1000)),
            left_out_company(
                "RUN", "no_rate", revenue_ttm_usd=None, revenue_ttm_usd_blank_reason="no_rate"
            ),
        ],
        [segment()],
        quarters(1, 10, 20, 30),
    )


def browse(page: str, folder: Path, script: str = "", fragment: str = "", width: int = 1400) -> str:
    """The DOM after `script` ran; fails on any message in the browser's console."""
    file = folder / "report.html"
    file.write_text(page.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    finished = subprocess.run(
        [
            str(CHROMIUM),
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900",
            "--dump-dom",
            f"{file.as_uri()}{fragment}",
        ],
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=True,
    )
    assert [line for line in finished.stderr.splitlines() if "CONSOLE" in line] == []
    return finished.stdout


def tickers(dom: str) -> list[str]:
    return re.findall(r'data-ticker="(\w+)"', dom)


def sorted_by(dom: str) -> list[tuple[str, str]]:
    return re.findall(r'data-key="(\w+)"[^>]*aria-sort="(ascending|descending)"', dom)


def test_it_opens_in_rank_order(page: str, tmp_path: Path) -> None:
    dom = browse(page, tmp_path)
    assert tickers(dom) == ["AAA", "BBB", "CCC", "OLD", "RUN"]
    assert sorted_by(dom) == [("rank", "ascending")]


def test_a_click_sorts_and_a_second_one_turns_it_around(page: str, tmp_path: Path) -> None:
    click = "document.querySelector('[data-key=growth] button').click();"
    once = browse(page, tmp_path, click)
    # BBB's growth is blank: last both ways, and the left out stay below the ranked.
    assert tickers(once)[:3] == ["CCC", "AAA", "BBB"]
    assert sorted_by(once) == [("growth", "descending")]
    twice = browse(page, tmp_path, click * 2)
    assert tickers(twice)[:3] == ["AAA", "CCC", "BBB"]
    assert sorted_by(twice) == [("growth", "ascending")]


def test_the_address_sorts_by_number_and_not_by_text(page: str, tmp_path: Path) -> None:
    dom = browse(page, tmp_path, fragment="#sort=revenue_usd")
    assert tickers(dom) == ["CCC", "BBB", "AAA", "OLD", "RUN"]


def test_a_tap_on_a_blank_shows_its_reason(page: str, tmp_path: Path) -> None:
    dom = browse(page, tmp_path, "document.querySelector('td .blank').click();")
    assert re.search(r'<div id="why" role="status">[^<]+</div>', dom)


# Chromium's own windows are at least 500 px wide, so a phone is a frame in one.
@pytest.mark.parametrize("width", [360, 1000, 1500])
def test_only_the_table_scrolls_sideways(page: str, tmp_path: Path, width: int) -> None:
    measure = """
        const page = document.documentElement;
        parent.postMessage(page.scrollWidth - page.clientWidth, "*");
    """
    framed = page.replace("</body>", f"<script>{measure}</script></body>")
    (tmp_path / "framed.html").write_text(framed, encoding="utf-8")
    # The listener stands before the frame, whose message could come first.
    outer = (
        "<script>onmessage = (event) => { document.title = `${event.data} px too wide`; };</script>"
        f'<body><iframe src="framed.html" width="{width}" height="800"></iframe></body>'
    )
    assert "<title>0 px too wide</title>" in browse(f"<title></title>{outer}", tmp_path, width=1600)
