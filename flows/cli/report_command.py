"""corpintel report: the site of the current publication, the pages that changed."""

from pathlib import Path
from typing import Annotated

import typer

from flows.night.bad_request import BadRequestError
from reports.site.write import write_site
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel report --out site")
def report(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write it to; default HOME/site."),
    ] = None,
) -> None:
    """Write a static site of companies, segments, changes and quality; open its index.html.

    Pages whose figures did not change stay as they are, so a second call is short.
    """
    settings = load_settings()
    folder = settings.home / "site" if out is None else out
    with open_warehouse(settings) as warehouse:
        try:
            written = write_site(warehouse, folder)
        except OSError as error:
            raise BadRequestError(
                f"{folder} cannot be written ({error.strerror or error}); "
                "name another folder with --out"
            ) from None
    print(f"{written.pages:,} pages, {written.written:,} files written anew")
    print(written.first_page.absolute())
