"""Whose tables of PDFs are read how well: ours, pdfplumber's own, and Camelot's where it is there.

`python -m bench.table_readers FIGURES FOLDER`: of each figure of FIGURES (columns doc, metric and
value) whose document lies in FOLDER as a PDF, is there a row that names the metric and has the
value in a cell of its own? That asks for rows and cells alone, and not which column is which
period's. Camelot needs OpenCV, which nothing else here does: `pip install camelot-py` to compare.
"""

import csv
import importlib.util
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from connectors.documents.amounts import find_amounts
from connectors.documents.metrics import metric_of_label
from connectors.documents.pdf import read_pdf

Rows = Iterable[list[str]]
# Powers of ten that the head of a table may say: units, thousands, millions, billions; a share.
_SCALES: Final = (0, 3, 6, 9, -2)


def ours(path: Path) -> Iterator[list[str]]:
    """Rows as documents are read here."""
    for block in read_pdf(path.read_bytes()).text.blocks:
        if block.kind == "row":
            yield block.text.split(" | ")


def by_pdfplumber(strategy: str) -> Callable[[Path], Iterator[list[str]]]:
    """Rows of pdfplumber's extract_tables, which finds cells by "lines" or by "text"."""
    import pdfplumber

    how = {"vertical_strategy": strategy, "horizontal_strategy": strategy}

    def rows(path: Path) -> Iterator[list[str]]:
        with pdfplumber.open(path) as document:
            for page in document.pages:
                for table in page.extract_tables(how):
                    yield from ([cell or "" for cell in row] for row in table)
                page.close()

    return rows


def by_camelot(flavor: str) -> Callable[[Path], Iterator[list[str]]]:
    """Rows of Camelot, by white space ("stream") or by lines ("lattice")."""
    camelot: Any = importlib.import_module("camelot")

    def rows(path: Path) -> Iterator[list[str]]:
        for table in camelot.read_pdf(str(path), pages="all", flavor=flavor, suppress_stdout=True):
            yield from table.df.astype(str).to_numpy().tolist()

    return rows


def count_found(rows: Rows, figures: Iterable[tuple[str, Decimal]]) -> int:
    """How many (metric, value) pairs stand in a row that names the metric."""
    said: defaultdict[str, set[Decimal]] = defaultdict(set)
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        label = next((cell for cell in cells if any(map(str.isalpha, cell))), "")
        named = metric_of_label(label)
        if named is None:
            continue
        # Some readers leave a sign or a bracket in a cell of its own.
        for cell in cells:
            amounts = [*find_amounts(cell)]
            if len(amounts) == 1 and cell != label:
                value = abs(amounts[0].value)
                said[named.metric.name] |= {value.scaleb(scale).normalize() for scale in _SCALES}
    return sum(
        abs(value).normalize() in said[metric.removeprefix("non_gaap_")]
        for metric, value in figures
    )


def main(figures: Path, folder: Path) -> None:
    """Print, by reader, the share of figures in rows and the time of a document."""
    by_document: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    with figures.open(newline="") as file:
        for row in csv.DictReader(file):
            is_here = row["doc"].endswith(".pdf") and (folder / row["doc"]).exists()
            if is_here and not row["metric"].startswith("guidance:"):
                by_document[row["doc"]].append((row["metric"], Decimal(row["value"])))
    readers: dict[str, Callable[[Path], Rows]] = {
        "ours": ours,
        "pdfplumber, by lines": by_pdfplumber("lines"),
        "pdfplumber, by text": by_pdfplumber("text"),
    }
    if importlib.util.find_spec("camelot") is not None:
        readers |= {"Camelot, stream": by_camelot("stream")}
        readers |= {"Camelot, lattice": by_camelot("lattice")}
    table = Table("reader", *sorted(by_document), "all", "seconds")
    for name, read in readers.items():
        found = []
        started = time.perf_counter()
        for document in sorted(by_document):
            found.append(count_found(read(folder / document), by_document[document]))
        took = time.perf_counter() - started
        shown = [
            f"{count} of {len(by_document[document])}"
            for document, count in zip(sorted(by_document), found, strict=True)
        ]
        total = sum(map(len, by_document.values()))
        table.add_row(name, *shown, f"{sum(found) / total:.3f}", f"{took:.1f}")
    Console(width=200).print(table)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("python -m bench.table_readers FIGURES.csv FOLDER: two paths are needed")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
