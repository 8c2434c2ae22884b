"""corpintel publish: build, audit and publish what is loaded, without fetching anything."""

import getpass
import os
import time
from datetime import date

from sqlalchemy import text

from flows.bad_request import BadRequestError
from flows.cli import environment, night_command
from flows.steps.night import DataKind
from warehouse.db import open_warehouse
from warehouse.settings import Settings, load_settings

_SHORTEST_REASON = 10


def run(force: str | None, as_of: date | None) -> None:
    """Publish as of the last run's day, or of the day given."""
    if force is not None and len(force.strip()) < _SHORTEST_REASON:
        raise BadRequestError(
            f"--force {force!r} does not say why; give a reason of at least {_SHORTEST_REASON} "
            "letters, it is kept with the publication"
        )
    started = time.monotonic()
    settings = load_settings()
    environment.prepare(settings.home)
    data, last_as_of = _last_run(settings)
    from flows.marts import marts
    from flows.steps.progress import shown_progress

    reason = None if force is None else f"{account()}: {force.strip()}"
    with shown_progress():
        report = marts(data=data, as_of=as_of or last_as_of, force=reason)
    night_command.show(report, time.monotonic() - started)


def account() -> str:
    """The account that overrides the gates; a container's may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _last_run(settings: Settings) -> tuple[DataKind, date]:
    with open_warehouse(settings) as warehouse, warehouse.engine.connect() as connection:
        if connection.execute(text("select to_regclass('ops.runs')")).scalar() is not None:
            row = connection.execute(
                text("select data_kind, as_of from ops.runs order by run_id desc limit 1")
            ).first()
            if row is not None:
                return row[0], row[1]
    raise BadRequestError("nothing is loaded yet; run corpintel nightly --sample first")
