"""corpintel report: the site of the current publication, the pages that changed."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import environment
from flows.cli.dbt_command import write_docs
from flows.night.bad_request import BadRequestError
from reports.site.write import DBT_DOCS, write_site
from warehouse.db import open_warehouse
from warehouse.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel report --out site")
def report(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write it to; default HOME/site."),
    ] = None,
    dbt_docs: Annotated[
        bool,
        typer.Option("--dbt-docs", help="Write dbt's own documentation to dbt.html as well."),
    ] = False,
) -> None:
    """Write a static site of companies, segments, changes and quality; open its index.html.

    Pages whose figures did not change stay as they are, so a second call is short. The dictionary
    links to dbt's documentation once it was written.
    """
    settings = load_settings()
    folder = settings.home / "site" if out is None else out
    with open_warehouse(settings) as warehouse:
        try:
            if dbt_docs:
                environment.prepare(settings.home)
                write_docs(warehouse, settings, folder / DBT_DOCS)
            written = write_site(warehouse, folder)
        except OSError as error:
            raise BadRequestError(
                f"{folder} cannot be written ({error.strerror or error}); "
                "name another folder with --out"
            ) from None
    print(f"{written.pages:,} pages, {written.written:,} files written anew")
    print(written.first_page.absolute())
