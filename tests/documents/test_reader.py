"""Which reader read a document: what changes its digest, and what does not."""

import ast
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors.documents
from connectors.documents.reader import LIBRARIES, reader_sha, running_reader

_PACKAGE = Path(connectors.documents.__file__).parent
_VERSIONS = {"pypdf": "7.1.0", "selectolax": "1.0.2"}
_CODE = '''"""A reader."""
import re

LEAST = 100  # of them


def read(text: str) -> bool:
    """Whether it is read."""
    # Never less.
    return len(text) > LEAST
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the readers, to be changed."""
    return Path(
        shutil.copytree(
            _PACKAGE, tmp_path / "documents", ignore=shutil.ignore_patterns("__pycache__")
        )
    )


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before


def _sources() -> list[str]:
    return sorted(path.relative_to(_PACKAGE).as_posix() for path in _PACKAGE.rglob("*.py"))


def test_the_running_reader_is_told_by_its_code_words_and_libraries(package: Path) -> None:
    running = running_reader()
    assert len(running.sha) == 16
    assert set(running.libraries) == set(LIBRARIES)
    assert reader_sha(package, running.libraries) == running.sha


@pytest.mark.parametrize("name", _sources())
def test_comments_docstrings_and_layout_do_not_change_a_reader(tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(_PACKAGE / name, tmp_path))
    before = reader_sha(tmp_path, _VERSIONS)
    _edit(path, lambda source: f"# A comment.\n\n{source}\n\n# Another.\n")
    assert reader_sha(tmp_path, _VERSIONS) == before
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                del node.body[0]
            node.body.insert(0, ast.Expr(ast.Constant("Another docstring.")))
    _edit(path, lambda _: ast.unparse(ast.fix_missing_locations(tree)))
    assert reader_sha(tmp_path, _VERSIONS) == before


@pytest.mark.parametrize("name", _sources())
def test_each_module_is_a_part_of_the_reader(tmp_path: Path, name: str) -> None:
    source = (_PACKAGE / name).read_text()
    shas = {reader_sha(tmp_path, _VERSIONS)}
    for text in (source, f"{source}\nADDED = 1\n", f"{source}\nADDED = 2\n"):
        (tmp_path / name).write_text(text)
        shas.add(reader_sha(tmp_path, _VERSIONS))
    assert len(shas) == 4


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("LEAST = 100", "LEAST = 101", True),
        ("> LEAST", ">= LEAST", True),
        ("len(text) > LEAST", "LEAST < len(text)", True),
        ("import re\n", "", True),
        ("# of them", "# of those", False),
        ("Never less.", "Never more.", False),
        ("Whether it is read.", "Whether it was read.", False),
        ("LEAST = 100", "LEAST = (\n    100\n)", False),
        ("\n\n\ndef", "\n\ndef", False),
    ],
)
def test_what_is_said_counts_and_how_it_is_written_does_not(
    tmp_path: Path, old: str, new: str, changes: bool
) -> None:
    (tmp_path / "read.py").write_text(_CODE)
    before = reader_sha(tmp_path, _VERSIONS)
    _edit(tmp_path / "read.py", lambda source: source.replace(old, new))
    assert (reader_sha(tmp_path, _VERSIONS) != before) == changes


@given(st.integers(), st.integers())
def test_a_reader_changes_with_its_constants(
    tmp_path_factory: pytest.TempPathFactory, one: int, other: int
) -> None:
    shas = set()
    for number in (one, other):
        folder = tmp_path_factory.mktemp("reader")
        (folder / "read.py").write_text(_CODE.replace("100", str(number)))
        shas.add(reader_sha(folder, _VERSIONS))
    assert len(shas) == len({one, other})


def test_a_list_of_words_is_a_set(package: Path) -> None:
    before = reader_sha(package, _VERSIONS)
    path = package / "words" / "negative.txt"
    _edit(path, lambda words: "\n\n".join(reversed(words.split())) + "\n")
    assert reader_sha(package, _VERSIONS) == before
    _edit(path, lambda words: f"{words}another\n")
    longer = reader_sha(package, _VERSIONS)
    _edit(path, lambda words: words.replace("abandon\n", ""))
    assert len({before, longer, reader_sha(package, _VERSIONS)}) == 3


def test_a_name_of_a_metric_counts_and_where_it_was_met_does_not(package: Path) -> None:
    before = reader_sha(package, _VERSIONS)
    path = package / "words" / "names.csv"
    _edit(path, lambda names: names.replace("general usage", "another document"))
    assert reader_sha(package, _VERSIONS) == before
    _edit(path, lambda names: f"{names}revenue,takings,general usage\n")
    assert reader_sha(package, _VERSIONS) != before


@pytest.mark.parametrize("libraries", [{}, _VERSIONS | {"pypdf": "7.1.1"}, _VERSIONS | {"x": "1"}])
def test_another_library_is_another_reader(package: Path, libraries: dict[str, str]) -> None:
    assert reader_sha(package, libraries) != reader_sha(package, _VERSIONS)


def test_nothing_outside_of_the_package_decides_what_is_read() -> None:
    """Of ours only the exceptions and the frame of a batch; of others' code what is versioned."""
    roots = set()
    for path in _PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                roots.add(node.module)
            elif isinstance(node, ast.Import):
                roots |= {alias.name for alias in node.names}
    ours = {name for name in roots if name.startswith("connectors.")}
    assert {name for name in ours if not name.startswith("connectors.documents.")} == {
        "connectors.errors",
        "connectors.records",
    }
    others = {name.partition(".")[0] for name in roots - ours} - set(sys.stdlib_module_names)
    # Pydantic checks what a reader's process says; pdfplumber reads by pdfminer.six.
    assert others == {"pdfplumber", "pypdf", "pypdfium2", "selectolax", "pydantic"}
    assert others - {"pydantic"} | {"pdfminer.six"} == set(LIBRARIES)
