"""The site as files: which pages there are, and which of them have changed.

A page is made anew when what it is made of has: the publication's digests of the company's rows,
its row of mart_company_performance, the words that all pages share, or the templates. The site's
own list of files (site.json) holds a hash of that for each page; a file that is not in it is left
alone, one of a company that is gone is removed. A file is written beside its place and moved there,
so that a reader finds the old page or the new one.
"""

import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from reports.site.about import (
    changes_page,
    dictionary_page,
    operations_page,
    quality_page,
    shared_words,
)
from reports.site.company import (
    ALERT_COLUMNS,
    FIGURE_COLUMNS,
    ONLY,
    Gathered,
    Words,
    company_page,
    gather,
)
from reports.site.figures import file_name
from reports.site.overview import (
    compare_page,
    overview_page,
    search_entries,
    segment_page,
)
from warehouse.db import Warehouse
from warehouse.read.companies import companies, company_counts, segments
from warehouse.read.connection import Reader, open_operator, open_reader
from warehouse.read.marts import MartRow, mart_columns, mart_rows
from warehouse.read.nights import asked_sources, past_runs
from warehouse.read.publications import Published, current_publication
from warehouse.read.quality import certificate, held_back

LIST: Final = "site.json"
# dbt's own documentation, where somebody wrote it; its 6 MB are not part of a night.
DBT_DOCS: Final = "dbt.html"
COMPANIES_AT_ONCE: Final = 20
MOST_NIGHTS: Final = 30
OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000
ASSETS: Final = ("site.js", "uplot.js", "uplot.css", "uplot.LICENSE")
STYLES: Final = ("page.css", "site/site.css")
CARDS_BELOW: Final = {"broad": 1390, "wide": 1060, "t": 760}


@dataclass
class Site:
    """A folder of pages: what it held, what it holds now, and how many files were written."""

    folder: Path
    before: Mapping[str, str]
    now: dict[str, str] = field(default_factory=dict)
    written: int = 0

    def is_changed(self, name: str, made_of: str) -> bool:
        """Whether this file has to be made, by what it is made of; it then belongs to the site."""
        self.now[name] = made_of
        return self.before.get(name) != made_of or not (self.folder / name).is_file()

    def write(self, name: str, text: str) -> None:
        """Put a file in its place whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
        self.written += 1

    def keep(self, name: str, made_of: str, make: Callable[[], str]) -> None:
        """Write a file where what it is made of has changed."""
        if self.is_changed(name, made_of):
            self.write(name, make())

    def finish(self) -> None:
        """Remove what is no page any more, and list what is."""
        for name in self.before.keys() - self.now.keys():
            (self.folder / name).unlink(missing_ok=True)
        self.write(LIST, json.dumps(self.now, indent=0, sort_keys=True))


@dataclass(frozen=True)
class Written:
    """What came of it: the first page, how many pages there are, and how many files were made."""

    first_page: Path
    pages: int
    written: int


def write_site(warehouse: Warehouse, folder: Path) -> Written:
    """Write the pages of the current publication to `folder`, those that changed.

    Raises NothingPublishedError before the first publication and OSError when the folder cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder, _listed(folder / LIST))
    with open_reader(warehouse) as connection:
        publication = current_publication(connection)
        words = Words(
            mart_rows(
                connection,
                "dim_lines",
                ("line", "statement", "nature", "description"),
                order_by=("sort_order",),
            ),
            mart_rows(
                connection,
                "dim_measures",
                ("measure", "unit", "direction", "formula", "description", "parts"),
                order_by=("sort_order",),
            ),
        )
        columns = mart_columns(connection)
        shared = json.dumps(shared_words(connection, words, columns), separators=(",", ":"))
        made_by = _hash(_made_by(), shared)
        for name in ASSETS:
            text = _text(f"assets/{name}")
            site.keep(f"assets/{name}", _hash(text), lambda text=text: text)  # type: ignore[misc]
        style = _style()
        site.keep("assets/site.css", _hash(style), lambda: style)
        site.keep("assets/words.js", _hash(shared), lambda: f"site.words({shared});\n")
        _write_companies(site, connection, words, made_by)
        _write_overview(site, connection, publication, made_by)
        of_publication = _hash(made_by, str(publication))
        chrome = _chrome("")
        held = held_back(connection)
        site.keep(
            "changes.html",
            of_publication,
            lambda: changes_page(connection, publication, words, chrome),
        )
        site.keep(
            "quality.html",
            of_publication,
            lambda: quality_page(connection, certificate(connection), held, chrome),
        )
        has_docs = (folder / DBT_DOCS).exists()
        site.keep(
            "dictionary.html",
            _hash(made_by, str(columns), str(has_docs)),
            lambda: dictionary_page(columns, words, chrome, DBT_DOCS if has_docs else None),
        )
        told = json.dumps({"as_of": str(publication.as_of), "run": publication.run_id})
        site.keep("assets/publication.js", told, lambda: f"site.publication({told});\n")
    with open_operator(warehouse) as operator:
        nights = past_runs(operator, MOST_NIGHTS)
        asked = asked_sources(operator, publication.run_id)
        site.keep(
            "operations.html",
            _hash(of_publication, str(nights)),
            lambda: operations_page(nights, asked, chrome),
        )
    site.finish()
    pages = sum(name.endswith(".html") for name in site.now)
    return Written(folder / "index.html", pages, site.written)


def _write_companies(site: Site, connection: Reader, words: Words, made_by: str) -> None:
    digests: dict[str, list[str]] = {}
    for row in mart_rows(
        connection,
        "company_digests",
        ("company_id", "mart", "digest"),
        order_by=("company_id", "mart"),
    ):
        digests.setdefault(row["company_id"], []).append(f"{row['mart']} {row['digest']}")
    # Its alerts move with rules and peers too, which its own rows do not tell.
    for row in mart_rows(
        connection,
        "mart_alerts",
        ALERT_COLUMNS,
        equal=ONLY["mart_alerts"],
        order_by=("company_id", "alert"),
    ):
        digests.setdefault(row["company_id"], []).append(str(row))
    changed = []
    for row in mart_rows(
        connection, "mart_company_performance", FIGURE_COLUMNS, order_by=("company_id",)
    ):
        company_id = row["company_id"]
        made_of = _hash(made_by, str(row), *digests.get(company_id, []))
        name = f"companies/{file_name(company_id)}"
        parts = [
            site.is_changed(f"{name}{ending}", made_of)
            for ending in (".html", ".series.js", ".facts.js")
        ]
        if any(parts):
            changed.append((name, row))
    batches = [
        changed[start : start + COMPANIES_AT_ONCE]
        for start in range(0, len(changed), COMPANIES_AT_ONCE)
    ]

    def gather_batch(batch: Sequence[tuple[str, MartRow]]) -> Gathered:
        return gather(connection, words, [row["company_id"] for _, row in batch])

    with _fewer_collections():
        for batch, gathered in _one_ahead(gather_batch, batches):
            _write_batch(site, words, batch, gathered)


def _write_batch(
    site: Site, words: Words, batch: Sequence[tuple[str, MartRow]], gathered: Gathered
) -> None:
    for name, row in batch:
        stem = name.removeprefix("companies/")
        page = company_page(words, row, gathered, _chrome("../") | {"stem": stem})
        site.write(f"{name}.html", page.html)
        site.write(f"{name}.series.js", page.series)
        site.write(f"{name}.facts.js", page.evidence)


def _one_ahead(
    gather_batch: Callable[[Sequence[tuple[str, MartRow]]], Gathered],
    batches: Sequence[Sequence[tuple[str, MartRow]]],
) -> Iterator[tuple[Sequence[tuple[str, MartRow]], Gathered]]:
    """Each batch with what was gathered for it, while the server gathers the next one."""
    with ThreadPoolExecutor(1) as pool:
        asked = [pool.submit(gather_batch, batch) for batch in batches[:1]]
        for place, batch in enumerate(batches):
            gathered = asked.pop().result()
            asked += [pool.submit(gather_batch, later) for later in batches[place + 1 : place + 2]]
            yield batch, gathered


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Look less often for circles: rows hold none, and the search for some takes a sixth."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _write_overview(site: Site, connection: Reader, publication: Published, made_by: str) -> None:
    everyone = companies(connection)
    of_segments = segments(connection)
    shown_hash = _hash(made_by, str(publication), str(everyone), str(of_segments))
    site.keep(
        "index.html",
        shown_hash,
        lambda: overview_page(
            connection, publication, everyone, of_segments, company_counts(connection),
            _chrome(""),
        ),
    )  # fmt: skip
    entries = search_entries(connection, everyone)
    site.keep("assets/search.js", _hash(made_by, entries), lambda: entries)
    site.keep("compare.html", made_by, lambda: compare_page(_chrome("")))
    for segment in of_segments:
        members = [row for row in everyone if row.segment == segment.segment]
        site.keep(
            f"segments/{file_name(segment.segment)}.html",
            # Its sparklines and its score are of more than these rows.
            _hash(made_by, publication.content_hash, str(segment), str(members)),
            lambda segment=segment, members=members: segment_page(  # type: ignore[misc]
                connection, segment, members, _chrome("../")
            ),
        )


def _chrome(root: str) -> dict[str, Any]:
    """What every template needs: the way to the site's root, and the names of files."""
    return {"root": root, "file_name": file_name}


def _listed(path: Path) -> Mapping[str, str]:
    """The site's own list; one that is not there or not whole means that all is to be made."""
    try:
        listed: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return listed


def _style() -> str:
    """The stylesheet: below the width that a kind of table needs, its rows are cards."""
    style = "".join(_text(f"templates/{name}") for name in STYLES)
    cards = _text("templates/site/cards.css")
    for kind, width in CARDS_BELOW.items():
        rules = cards.replace("figure.t", f"figure.{kind}")
        style += f"@media screen and (max-width: {width}px) {{\n{rules}}}\n"
    return style


def _text(name: str) -> str:
    return (files("reports") / name).read_text(encoding="utf-8")


@cache
def _made_by() -> str:
    """A hash of the code and templates that make pages, and of the questions they ask."""
    places = (files("reports"), files("warehouse.read"))
    return _hash(
        *(text.read_text(encoding="utf-8") for place in places for text in _sources(place))
    )


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for one in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if one.is_dir() and one.name != "assets":
            yield from _sources(one)
        elif one.name.endswith((".py", ".j2")):
            yield one


def _hash(*parts: str) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode())
        found.update(b"\0")
    return found.hexdigest()[:24]
