"""corpintel report: the page of companies and segments, from the current publication."""

from pathlib import Path

from flows.bad_request import BadRequestError
from reports.companies import write_company_report
from warehouse.db import open_warehouse
from warehouse.settings import load_settings


def run(out: Path | None) -> None:
    """Write the page to `out`, or to HOME/report.html, and print where it is."""
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
