"""The site of the sample in a real browser: it tells what the marts hold, and all can use it."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reports.site.write import LIST, write_site
from tests.limits import seconds
from tests.nights import SampleNights, make_home
from warehouse.db import open_warehouse
from warehouse.settings import Settings

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).with_name("axe.min.js")
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
    "--virtual-time-budget=8000",
)
LARGEST_PAGE = 500_000
RESTATED = "companies/plug_power.html"

browser = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"
)


@pytest.fixture(scope="module")
def site(sample_nights: SampleNights) -> Iterator[Path]:
    """The site of the sample's publication, in a folder of its own."""
    folder = make_home()
    with open_warehouse(Settings(home=sample_nights.home.path, database_url=None)) as warehouse:
        write_site(warehouse, folder)
    yield folder
    shutil.rmtree(folder)


def browse(
    site: Path, page: str, script: str, fragment: str = "", width: int = 1440, dark: bool = False
) -> Any:
    """What `script`, the body of an async function, returns on a page once it has loaded.

    Fails on any message in the browser's console. A page may run scripts of files alone, so the
    script is one, on a copy of the page beside it. Chromium's own windows are at least 500 px wide,
    so a phone is a frame in one.
    """
    place = site / page
    probe = place.with_name("probe.js")
    copy = place.with_name("probe.html")
    outer = place.with_name("outer.html")
    probe.write_text(
        "addEventListener('load', async () => {"
        f" const told = await (async () => {{ {script} }})();"
        " parent.postMessage(JSON.stringify(told ?? null), '*'); });",
        encoding="utf-8",
    )
    text = place.read_text(encoding="utf-8")
    copy.write_text(text.replace("</body>", '<script src="probe.js"></script></body>'), "utf-8")
    # The listener stands before the frame, whose message could come first.
    outer.write_text(
        "<!doctype html><pre id=told></pre><script>onmessage = (event) =>"
        " { document.getElementById('told').textContent = event.data; };</script>"
        f'<iframe src="probe.html{fragment}" width="{width}" height="1600"></iframe>',
        encoding="utf-8",
    )
    try:
        finished = subprocess.run(
            [
                str(CHROMIUM),
                *FLAGS,
                *(("--blink-settings=preferredColorScheme=0",) if dark else ()),
                f"--user-data-dir={site / 'profile'}",
                "--window-size=1600,1700",
                "--dump-dom",
                outer.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=seconds(90),
            check=True,
        )
    finally:
        for made in (probe, copy, outer):
            made.unlink()
    assert [line for line in finished.stderr.splitlines() if "CONSOLE" in line] == []
    [told] = re.findall(r'<pre id="told">(.*?)</pre>', finished.stdout, re.S)
    return json.loads(html.unescape(told))


WAIT = "const until = async (is) => { while (!is()) await new Promise((r) => setTimeout(r, 20)); };"
TICKERS = (
    "[...document.querySelectorAll('tr[data-place]:not([hidden])')].map(r => r.dataset.ticker)"
)


# ---- what the files hold ----


def test_every_statement_number_is_the_marts(site: Path, sample_nights: SampleNights) -> None:
    checked = 0
    for kind in ("annual", "quarterly", "ttm"):
        by_company: dict[str, list[dict[str, Any]]] = {}
        for row in sample_nights.home.rows(
            f"select * from mart_financials_{kind} order by company_id, period_end desc"
        ):
            by_company.setdefault(row["company_id"], []).append(row)
        for company_id, rows in by_company.items():
            page = (site / "companies" / f"{company_id}.html").read_text(encoding="utf-8")
            [table] = re.findall(rf'data-name="financials_{kind}".*?</table>', page, re.S)
            shown = re.findall(r'data-k="(\w+)\|\w+\|([\d-]+)" data-x="([-.\d]+)"', table)
            known = {str(row["period_end"]): row for row in rows}
            for line, end, value in shown:
                assert Decimal(value) == known[end][line], (company_id, kind, line, end)
            checked += len(shown)
    assert checked > 5_000


def test_a_headline_asks_about_the_period_whose_measure_it_shows(
    site: Path, sample_nights: SampleNights
) -> None:
    measured = {
        (row["company_id"], str(row["period_end"])): row
        for row in sample_nights.home.rows("select * from mart_company_quarters")
    }
    names = {row["measure"] for row in sample_nights.home.rows("select measure from dim_measures")}
    checked = 0
    for company_id in {company_id for company_id, _ in measured}:
        page = (site / "companies" / f"{company_id}.html").read_text(encoding="utf-8")
        [headline] = re.findall(r'<dl class="headline">.*?</dl>', page, re.S)
        for name, end, value in re.findall(
            r'data-k="(\w+)\|([\d-]+)" data-x="([-.\d]+)"', headline
        ):
            if name in names:
                assert Decimal(value) == measured[company_id, end][name], (company_id, name)
                checked += 1
    # Eight filers, and of most of them seven measures.
    assert checked > 40


def test_something_is_known_since_the_day_of_its_filing(site: Path) -> None:
    text = (site / "companies" / "duolingo.facts.js").read_text(encoding="utf-8")
    told = json.loads(text.removeprefix("site.evidence(").removesuffix(");\n"))
    filed = {accession: day for accession, _, day in told["filings"]}
    days = {
        (vintages[0][3], filed[vintages[0][7]])
        for key, vintages in told["cells"].items()
        if key.startswith("total_assets|") and vintages[0][7] in filed
    }
    assert len(days) > 10
    assert all(known == day for known, day in days)


def test_a_price_chart_ends_in_the_price_that_the_marts_state(
    site: Path, sample_nights: SampleNights
) -> None:
    prices = sample_nights.home.rows("select * from mart_price_performance")
    assert len(prices) == 6
    for row in prices:
        text = (site / "companies" / f"{row['company_id']}.series.js").read_text(encoding="utf-8")
        told = json.loads(text.removeprefix("site.series(").removesuffix(");\n"))["prices"]
        assert (told["days"][-1], told["currency"]) == (str(row["price_date"]), row["currency"])
        assert told["close"][-1] == float(row["price"])
        assert told["days"] == sorted(set(told["days"]))


def test_every_statement_to_copy_can_be_run(site: Path, sample_nights: SampleNights) -> None:
    statements = {
        html.unescape(found)
        for page in site.rglob("*.html")
        for found in re.findall(r'data-sql="([^"]+)"', page.read_text(encoding="utf-8"))
    }
    assert len(statements) > 50
    for statement in sorted(statements):
        sample_nights.home.rows(f"select * from ({statement}) as copied limit 1")


def test_no_page_is_large_and_none_asks_the_network(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert len(text.encode()) < LARGEST_PAGE, page.name
        assert not re.search(r'(?:src|rel="stylesheet" href)="(?:https?:)?//', text)
        assert "default-src 'none'" in text


def test_only_what_changed_is_written_again(site: Path, sample_nights: SampleNights) -> None:
    (site / "companies" / "gone.html").write_text("a company that left the list", "utf-8")
    listed = json.loads((site / LIST).read_text(encoding="utf-8"))
    listed["companies/gone.html"] = "what it was made of"
    listed["companies/duolingo.html"] = "other figures"
    (site / LIST).write_text(json.dumps(listed), "utf-8")
    (site / "notes.txt").write_text("somebody's own", "utf-8")
    with open_warehouse(Settings(home=sample_nights.home.path, database_url=None)) as warehouse:
        changed = write_site(warehouse, site)
        unchanged = write_site(warehouse, site)
    # The three files of the one company, and the list itself.
    assert (changed.written, unchanged.written) == (4, 1)
    assert not (site / "companies" / "gone.html").exists()
    assert (site / "notes.txt").read_text("utf-8") == "somebody's own"


def test_dbts_documentation_is_one_file_that_the_dictionary_links_to(
    site: Path, sample_nights: SampleNights
) -> None:
    assert "dbt.html" not in (site / "dictionary.html").read_text("utf-8")
    folder = make_home()
    try:
        done = sample_nights.home.run("report", "--dbt-docs", "--out", str(folder))
        assert done.returncode == 0, done.stdout + done.stderr
        assert 'href="dbt.html"' in (folder / "dictionary.html").read_text("utf-8")
        text = (folder / "dbt.html").read_text("utf-8")
        assert "model.corporate_intel.mart_company_performance" in text
        assert not re.search(r"<script[^>]+src=|<link[^>]+href=.https?:", text)
    finally:
        shutil.rmtree(folder)


# ---- in the browser ----


@browser
def test_the_overview_sorts_filters_and_finds(site: Path) -> None:
    told = browse(
        site,
        "index.html",
        f"""
        {WAIT}
        const first = {TICKERS};
        document.querySelector('[data-key=growth] button').click();
        const grown = {TICKERS};
        document.querySelector('[data-key=growth] button').click();
        const fallen = {TICKERS};
        const type = (id, text) => {{
          document.getElementById(id).value = text;
          document.getElementById(id).dispatchEvent(new Event('input'));
        }};
        type('filter', 'technology');
        const filtered = {TICKERS};
        const said = document.getElementById('filter-said').textContent;
        type('find', 'nvid');
        await until(() => document.querySelector('#found a'));
        return {{ first, grown, fallen, filtered, said,
          found: [...document.querySelectorAll('#found a')].map((a) => a.getAttribute('href')) }};
        """,
    )
    ranked = ["AAPL", "NVDA", "META", "BAC", "ALL", "DDOG", "DUOL", "PLUG", "MADEUP"]
    grown = ["NVDA", "DUOL", "DDOG", "META", "MADEUP", "PLUG", "AAPL", "BAC", "ALL"]
    assert told["first"][:9] == ranked
    assert told["grown"][:9] == grown
    assert told["fallen"][:9] == grown[::-1]
    assert "DUOL" not in told["filtered"]
    assert told["said"] == f"{len(told['filtered'])} of 22 shown"
    assert told["found"] == ["companies/nvidia.html"]


@browser
def test_an_axis_has_room_for_its_longest_number(site: Path) -> None:
    # Of 2,500,000.0 million, a phone once showed the last seven digits.
    left, needed = browse(
        site,
        "companies/tsmc.html",
        f"""
        {WAIT}
        await until(() => document.querySelector('#quarters-chart .u-over'));
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = '11px system-ui';
        const over = document.querySelector('#quarters-chart .u-over');
        return [parseFloat(over.style.left), pen.measureText('2,500,000.0').width];
        """,
        width=390,
    )
    assert left > needed + 10


@browser
def test_a_restated_number_explains_itself(site: Path, sample_nights: SampleNights) -> None:
    told = browse(
        site,
        RESTATED,
        f"""
        {WAIT}
        const marked = [...document.querySelectorAll('.wide td .mark')]
          .map((mark) => mark.parentElement.querySelector('button'))
          .find((button) => button.dataset.k.startsWith('stockholders_equity|instant'));
        marked.click();
        await until(() => document.querySelector('dialog[open]'));
        return [marked.dataset.k, document.getElementById('explained-body').innerText];
        """,
    )
    line, period_type, end = told[0].split("|")
    [now, *_, before] = sample_nights.home.rows(
        "select value, accession from fct_financial_vintages where company_id = 'plug_power'"
        f" and line = '{line}' and period_type = '{period_type}' and period_end = '{end}'"
        " and value is not null order by known_from desc"
    )
    assert now["value"] != before["value"]
    for vintage in (now, before):
        assert f"{vintage['value']:,.0f} USD" in told[1]
        assert vintage["accession"] in told[1]


@browser
def test_a_measure_and_a_blank_explain_themselves(site: Path) -> None:
    told = browse(
        site,
        "companies/duolingo.html",
        f"""
        {WAIT}
        const body = document.getElementById('explained-body');
        const ask = async (selector) => {{
          document.querySelector(selector).click();
          await until(() => document.querySelector('dialog[open]') && body.innerText);
          const said = body.innerText;
          document.querySelector('dialog').close();
          return said;
        }};
        return [await ask('[data-k="gross_margin_pct|2026-03-31"]'),
                await ask('[data-k="roic_pct|2026-03-31"].blank'),
                await ask('.wide [data-k="gross_margin_change_4q_pct|2026-03-31"]')];
        """,
    )
    assert "gross_profit_ttm / revenue_ttm" in told[0]
    assert "1,098,813,000 USD" in told[0]
    assert "the filing of this period does not report it" in told[1]
    # The part of a year before has the value of then: 72.7 % now, less the change of 0.4 points.
    assert told[2].split("\n")[-1] == "year before\tGross margin\t72.3 %"


@browser
def test_arrows_move_between_numbers_and_one_of_them_is_in_the_order_of_tab(site: Path) -> None:
    told = browse(
        site,
        "companies/duolingo.html",
        """
        const table = document.querySelector('[data-name=financials_quarterly] table');
        const tabs = table.querySelectorAll('button.n[tabindex="0"]').length;
        const first = table.querySelector('button.n');
        first.focus();
        const press = (key) => document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true }));
        press('ArrowRight');
        press('ArrowDown');
        return [tabs, first.dataset.k, document.activeElement.dataset.k];
        """,
    )
    assert told == [
        1,
        "revenue|quarter|2026-03-31",
        "cost_of_revenue|quarter|2025-12-31",
    ]


@browser
def test_companies_are_compared_by_the_numbers_of_the_marts(
    site: Path, sample_nights: SampleNights
) -> None:
    told = browse(
        site,
        "compare.html",
        f"""
        {WAIT}
        await until(() => document.querySelectorAll('#compare-table thead th').length === 4);
        const row = [...document.querySelectorAll('#compare-table tr')]
          .find((tr) => tr.cells[0].textContent === 'Gross margin');
        return [[...row.cells].map((cell) => cell.textContent),
                document.querySelectorAll('#compare-chart canvas').length];
        """,
        fragment="#nvidia,DUOL,tsmc",
    )
    margins = {
        row["company_id"]: row["gross_margin_pct"]
        for row in sample_nights.home.rows(
            "select company_id, gross_margin_pct from mart_company_quarters where newest_first = 1"
        )
    }
    expected = [f"{margins[name] * 100:.1f} %" for name in ("nvidia", "duolingo", "tsmc")]
    assert told == [["Gross margin", *expected], 1]


@browser
def test_csv_holds_exact_values_and_no_formula(site: Path) -> None:
    told = browse(
        site,
        "companies/duolingo.html",
        """
        let saved;
        URL.createObjectURL = (blob) => { saved = blob; return '#'; };
        document.querySelector('[data-name=financials_annual] th').textContent = '-1+cmd()';
        document.querySelector('[data-name=financials_annual] .tools button').click();
        return (await saved.text()).split('\\r\\n').slice(0, 2);
        """,
    )
    assert told[0].startswith("'-1+cmd(),2025-12-31,2024-12-31")
    assert told[1].split(",")[0] == "Revenue"
    assert "748024000" in told[1].split(",")


# Every kind of page, and each width and scheme on some of them.
@browser
@pytest.mark.parametrize(
    ("page", "width", "dark"),
    [
        ("index.html", 1440, False),
        ("index.html", 390, True),
        ("companies/plug_power.html", 1440, True),
        ("companies/duolingo.html", 390, False),
        ("segments/technology.html", 1000, False),
        ("compare.html", 1440, True),
        ("quality.html", 390, True),
        ("dictionary.html", 1000, False),
        ("operations.html", 1440, False),
    ],
)
def test_nothing_is_cut_off_and_axe_finds_no_violation(
    site: Path, page: str, width: int, dark: bool
) -> None:
    shutil.copyfile(AXE, (site / page).with_name("axe.js"))
    told = browse(
        site,
        page,
        """
        document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
        const root = document.documentElement;
        const cut = [...document.querySelectorAll('main td')].filter((cell) =>
          cell.getBoundingClientRect().right > root.clientWidth + 1).length;
        await new Promise((resolve, reject) => {
          const script = document.createElement('script');
          script.src = 'axe.js';
          script.onload = resolve;
          script.onerror = reject;
          document.head.append(script);
        });
        const found = await axe.run(document, { preload: false });
        return [root.scrollWidth - root.clientWidth, cut, found.passes.length > 5,
          found.violations.map((one) =>
            `${one.id}: ${one.nodes[0].html.slice(0, 200)}: ${one.nodes[0].failureSummary}`)];
        """,
        fragment="#nvidia" if page == "compare.html" else "",
        width=width,
        dark=dark,
    )
    assert told == [0, 0, True, []]
