"""The pages that are written outside of a night, too."""

from pathlib import Path

from reports.companies import write_company_report
from warehouse.db import open_warehouse
from warehouse.settings import load_settings


def write_report() -> Path:
    """Write the page of companies and segments to HOME/report.html."""
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        return write_company_report(warehouse, settings.home / "report.html")
