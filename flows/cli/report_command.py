"""corpintel report: the page of companies and segments, from the current publication."""

from pathlib import Path
from typing import Annotated

import typer

from flows.night.bad_request import BadRequestError
from reports.companies import write_company_report
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel report --out companies.html")
def report(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write it; default HOME/report.html.")
    ] = None,
) -> None:
    """Write one self-contained page of the companies and segments."""
    settings = load_settings()
    path = settings.home / "report.html" if out is None else out
    with open_warehouse(settings) as warehouse:
        try:
            if out is None:
                path.parent.mkdir(parents=True, exist_ok=True)
            written = write_company_report(warehouse, path)
        except OSError as error:
            raise BadRequestError(
                f"{path} cannot be written ({error.strerror or error}); "
                "name another place with --out"
            ) from None
    print(written.absolute())
