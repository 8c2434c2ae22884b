"""The dry walks of docs/walks.md name every file that knows the thing they follow."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.sources.new_source import EXEMPLAR, FILES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "walks.md"
FOLDERS = ("chaos", "connectors", "dbt_project", "docs", "expectations", "flows", "migrations",
           "reports", "tests", "warehouse")  # fmt: skip
SUFFIXES = {".csv", ".md", ".py", ".sql", ".yaml", ".yml"}
# They tell of the tree, or count what is in it.
LEFT_OUT = {
    "docs/walks.md",
    "tests/counts.csv",
    "tests/dbt/named_changes.csv",
    "tests/dbt/published_columns.csv",
}
_ROW = re.compile(r"^\| `(\S+)` \| (hand|made|test) \|", re.MULTILINE)


def _sections() -> dict[str, str]:
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts}


@cache
def _texts() -> dict[str, str]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in [*paths, ROOT / "README.md", ROOT / "prefect.yaml"]
        if path.suffix in SUFFIXES and "target" not in path.parts
    }


@pytest.mark.parametrize("heading", [h for h, text in _sections().items() if "Exemplar" in text])
def test_a_walk_lists_every_file_that_names_its_exemplar(heading: str) -> None:
    text = _sections()[heading]
    found = re.search(r"^Exemplar: `(\w+)`$", text, re.MULTILINE)
    assert found is not None
    word = re.compile(rf"\b{found[1]}\b")
    naming = {
        path for path, content in _texts().items() if found[1] in path or word.search(content)
    }
    assert {path for path, _ in _ROW.findall(text)} == naming - LEFT_OUT


@pytest.mark.parametrize("heading", [h for h, text in _sections().items() if "Exemplar" in text])
def test_a_walk_counts_its_files(heading: str) -> None:
    by = Counter(by for _, by in _ROW.findall(_sections()[heading]))
    told = {
        word: int(count)
        for count, word in re.findall(r"(\d+)(?: files?)?(?: by)? (hand|made)", heading)
    }
    assert told == {word: by[word] for word in ("hand", "made") if by[word]}


def test_the_walk_of_a_source_is_what_new_source_writes() -> None:
    text = next(text for heading, text in _sections().items() if heading.startswith("A source"))
    assert {path for path, _ in _ROW.findall(text)} == {name.format(EXEMPLAR) for name in FILES}
