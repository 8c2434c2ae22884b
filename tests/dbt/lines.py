"""What is made from `seeds/lines.csv`: `make lines` writes it, a test compares it.

dbt cannot read a seed while it parses, so the macros, descriptions and columns that list the lines
of the statements are written from it and committed.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2] / "dbt_project"
_COLUMNS = re.compile(
    r"( +)# Lines: made from seeds/lines\.csv by `make lines`\.\n.*?\n +# End of lines\.\n", re.S
)


class Line(NamedTuple):
    """A line of the statements, as the seed declares it."""

    line: str
    statement: str
    nature: str
    is_additive: str
    is_never_negative: str
    sort_order: str
    description: str


def read_lines() -> list[Line]:
    """The lines in the order of the statements."""
    with (PROJECT / "seeds" / "lines.csv").open(encoding="utf-8", newline="") as file:
        lines = [Line(**row) for row in csv.DictReader(file)]
    return sorted(lines, key=lambda line: int(line.sort_order))


def _macros(lines: list[Line]) -> str:
    listed = "".join(f"        {line.line!r},\n" for line in lines)
    natures = ""
    for nature in dict.fromkeys(line.nature for line in lines):
        named = "".join(f"            {n.line!r},\n" for n in lines if n.nature == nature)
        natures += f"        {nature!r}: (\n{named}        ),\n"
    return (
        "{# Made from seeds/lines.csv by `make lines`. #}\n"
        "{# The lines of the statements, in their order. #}\n"
        "{% macro statement_lines() -%}\n    {{ return([\n"
        + listed
        + "    ]) }}\n{%- endmacro %}\n"
        "\n{# The lines of one nature, as a list that SQL can read. #}\n"
        "{% macro lines_of(nature) -%}\n    {{ return({\n" + natures + "    }[nature]) }}\n"
        "{%- endmacro %}\n"
    )


def _descriptions(lines: list[Line]) -> str:
    blocks = [f"{{% docs {line.line} %}}\n{line.description}\n{{% enddocs %}}\n" for line in lines]
    return "# Lines, made from seeds/lines.csv by `make lines`\n\n" + "\n".join(blocks)


def _columns(lines: list[Line], indent: str) -> str:
    basis = {"per_share": " On today's share basis.", "shares": " On today's share basis."}
    columns = "".join(
        f"{indent}- name: {line.line}\n"
        f"{indent}  data_type: numeric\n"
        f"{indent}  description: \"{{{{ doc('{line.line}') }}}}{basis.get(line.nature, '')}\"\n"
        for line in lines
    )
    return (
        f"{indent}# Lines: made from seeds/lines.csv by `make lines`.\n"
        f"{columns}{indent}# End of lines.\n"
    )


def made_files() -> Iterator[tuple[Path, str]]:
    """Every file that lists the lines, with what it should hold."""
    lines = read_lines()
    yield PROJECT / "macros" / "lines.sql", _macros(lines)
    yield PROJECT / "models" / "_lines.md", _descriptions(lines)
    columns = PROJECT / "models" / "marts" / "cells" / "_cells.yml"
    text = columns.read_text(encoding="utf-8")
    yield columns, _COLUMNS.sub(lambda found: _columns(lines, found[1]), text)


def write(files: Iterator[tuple[Path, str]]) -> None:
    """Write what has changed."""
    for path, text in files:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(PROJECT.parent)}", file=sys.stderr)


if __name__ == "__main__":
    write(made_files())
