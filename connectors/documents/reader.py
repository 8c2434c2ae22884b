"""Which reader this is: a digest of all that decides what is read of a document.

It changes with the code of this package, its word lists, and the libraries that take PDF and HTML
apart; a comment, a docstring and the layout of the code count for nothing.
"""

import ast
import csv
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from connectors.documents.pdf import preferred_reader

# Distributions whose release may change the text of a document.
LIBRARIES: Final = ("pdfminer.six", "pdfplumber", "pypdf", "pypdfium2", "selectolax")
# Of the sha256: readers are few, and every stored row names its own.
_DIGITS: Final = 16
_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Reader(NamedTuple):
    """A reader by its digest (16 hex digits), with the versions of its libraries by name."""

    sha: str
    libraries: Mapping[str, str]


@cache
def running_reader() -> Reader:
    """The reader that this process is."""
    libraries = {name: version(name) for name in LIBRARIES}
    if preferred_reader() != "pdfium":
        libraries["asked first"] = preferred_reader()
    return Reader(reader_sha(Path(__file__).parent, libraries), libraries)


def reader_sha(package: Path, libraries: Mapping[str, str]) -> str:
    """The digest of a reader whose code and word lists lie in that folder."""
    digest = hashlib.sha256()
    for part in _parts(package, libraries):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:_DIGITS]


def _parts(package: Path, libraries: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        yield path.relative_to(package).as_posix()
        yield _code(path.read_text("utf-8"))
    for path in sorted(package.rglob("*.csv")):
        yield path.relative_to(package).as_posix()
        # Where a name was met decides nothing.
        yield "\n".join(
            ",".join(value for name, value in row.items() if name != "source")
            for row in csv.DictReader(path.read_text("utf-8").splitlines())
        )
    for path in sorted(package.rglob("*.txt")):
        yield path.relative_to(package).as_posix()
        # A list of words is a set to its reader: neither order nor lines count.
        yield " ".join(sorted(set(path.read_text("utf-8").split())))
    for name in sorted(libraries):
        yield f"{name} {libraries[name]}"


def _code(source: str) -> str:
    """The code that a source says, in one layout, without comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    # Unparsed, since a dump differs between releases of Python where the code does not.
    return ast.unparse(tree)
