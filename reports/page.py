"""What every page shares: the template environment, and numbers as people read them."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

BLANK = "–"


@dataclass(frozen=True)
class Cell:
    """A table cell: its text, the value it sorts by, and the reason of a blank or a note.

    A blank has no `text`; `note` then says why. Sorting puts cells without `sort` last. `exact` has
    all digits of a number.
    """

    text: str | None
    sort: str = ""
    note: str = ""
    unit: str = ""
    exact: str = ""

    @property
    def is_negative(self) -> bool:
        return self.text is not None and self.text.startswith("−")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["BLANK"] = BLANK
    environment.filters["count"] = count
    environment.filters["share"] = lambda value: BLANK if value is None else percent(value)
    return environment


def render(template: str, **values: Any) -> str:
    """Fill a template of this package; every value is escaped."""
    return _environment().get_template(template).render(**values)


def write(page: str, path: Path) -> Path:
    """Write a page as UTF-8 and return its path; OSError when the path cannot be written."""
    path.write_text(page, encoding="utf-8")
    return path


def decimal(value: Decimal | int, places: int = 1, plus: bool = False) -> str:
    """A number with thousands separators and a true minus sign."""
    # Quantised first: -0.04 is shown as 0.0 and not as -0.0.
    rounded = round(Decimal(value), places)
    sign = "−" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"


def count(value: int) -> str:
    """A count of rows or companies."""
    return decimal(value, 0)


def millions(value: Decimal) -> str:
    """An amount in millions of its currency."""
    return decimal(Decimal(value) / 1_000_000)


def percent(value: Decimal, plus: bool = False) -> str:
    """A share between 0 and 1 as per cent."""
    return f"{decimal(Decimal(value) * 100, plus=plus)}\u00a0%"


def amount_cell(value: Decimal | None, why: str, note: str = "", unit: str = "") -> Cell:
    """A money amount in millions; `unit` is shown after it."""
    if value is None:
        return Cell(None, note=why)
    return Cell(millions(value), sort=str(value), note=note, unit=unit, exact=str(value))


def percent_cell(value: Decimal | None, why: str, note: str = "", plus: bool = False) -> Cell:
    """A share as per cent."""
    if value is None:
        return Cell(None, note=why)
    return Cell(percent(value, plus), sort=str(value), note=note, exact=str(value))


def multiple_cell(value: Decimal | None, why: str) -> Cell:
    """A ratio such as price to earnings."""
    if value is None:
        return Cell(None, note=why)
    return Cell(decimal(value), sort=str(value), exact=str(value))


def text_cell(value: object | None, why: str, note: str = "") -> Cell:
    """Text, or a date in ISO form, which sorts as text."""
    if value is None:
        return Cell(None, note=why)
    return Cell(str(value), sort=str(value), note=note)
