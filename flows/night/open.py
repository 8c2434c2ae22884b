"""The open run of a night: everything its steps share, its lock, and how it is closed."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import migrations
from connectors.documents.reader import running_reader
from connectors.http import HttpClient
from flows.night.apart import Readers
from flows.night.client import make_client
from flows.night.plan import DataKind, Plan, plan_night
from flows.night.space import require_space
from flows.night.targets import Target, find_targets
from warehouse.db import Warehouse, as_loader, open_warehouse
from warehouse.documents import use_reader
from warehouse.ops import (
    CUT_SHORT,
    claim_data_kind,
    finish_run,
    require_data_kind,
    start_run,
    store_watchlist,
    warehouse_state,
)
from warehouse.roles import ensure_roles
from warehouse.writer import Writer, night_lock

log = logging.getLogger(__name__)


@dataclass
class StepTimer:
    """Seconds per step, in the order in which the steps ran."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - started


class Night:
    """An open run with everything its steps share.

    What comes from outside goes through `warehouse`, as the role that loads; `owner` is the same
    warehouse for what builds, shapes and publishes. A plain class: Prefect walks through
    dataclasses that are handed to its tasks.
    """

    def __init__(
        self,
        plan: Plan,
        warehouse: Warehouse,
        owner: Warehouse,
        client: HttpClient,
        targets: Sequence[Target],
        run_id: int,
        timer: StepTimer,
        writer: Writer,
    ) -> None:
        self.plan = plan
        self.settings = plan.settings
        self.data = plan.data
        self.as_of = plan.as_of
        self.warehouse = warehouse
        self.owner = owner
        self.client = client
        self.targets = targets
        self.run_id = run_id
        self.timer = timer
        self.writer = writer
        self.readers = Readers()
        self.published = False
        # Sources that were down and companies that are held back, a line for each.
        self.down: list[str] = []
        self.held: list[str] = []
        # What the models' step built, for the steps after it.
        self.built: Any = None

    @property
    def warnings(self) -> list[str]:
        """What a night that did what it could warns of."""
        return [*self.down, *self.held]

    def url(self, field: str) -> str:
        """The base URL in that setting, such as `ecb_url`; the bundled sample has its own."""
        return self.plan.urls[field]

    def key(self, field: str | None) -> str:
        """The API key in that setting; a source without its key is never asked."""
        return (self.settings.key_of(field) if field else None) or ""


def preflight(
    data: DataKind, tickers: Sequence[str] | None = None, as_of: date | None = None
) -> bool:
    """Refuse a night that cannot run before anything slow starts; whether nothing is published yet.

    Migrations run, and a ticker outside the watchlist is looked up; no source's data changes.

    Raises what `open_night` raises for a wrong request.
    """
    plan = plan_night(data, tickers, as_of)
    require_space(plan.settings)
    with open_warehouse(plan.settings) as owner:
        _migrate(owner)
        require_data_kind(owner, plan.data)
        with as_loader(owner) as warehouse, make_client(plan, warehouse) as client:
            find_targets(plan, client)
        return warehouse_state(owner).published is None


def _migrate(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        migrations.upgrade(connection)
    for line in ensure_roles(warehouse).healed:
        log.warning("%s", line)


@contextmanager
def open_night(
    data: DataKind,
    tickers: Sequence[str] | None = None,
    as_of: date | None = None,
    prices_from: date | None = None,
    replayed: frozenset[int] | None = None,
    *,
    flow: str = "nightly",
    after: Callable[[Warehouse, int], None] | None = None,
) -> Iterator[Night]:
    """Open a run under the single-writer lock and close it with its status.

    Migrations run first; a run that ends without publishing is closed as failed, and readers stay
    on the last good one. `after` is called with the warehouse and the run when it is closed, well
    or not. Raises what `plan_night` raises, NightRefusedError and WarehouseError.
    """
    timer = StepTimer()
    with timer.step("prepare"):
        plan = plan_night(data, tickers, as_of, prices_from, replayed)
        require_space(plan.settings)
    with open_warehouse(plan.settings) as owner, ExitStack() as ends:
        with timer.step("prepare"):
            _migrate(owner)
        with as_loader(owner) as warehouse, night_lock(warehouse, _leave_at_once) as writer:
            with timer.step("prepare"):
                claim_data_kind(warehouse, plan.data)
                client = make_client(plan, warehouse)
                targets = find_targets(plan, client)
                store_watchlist(warehouse, plan.watchlist)
                # Also where nothing is read: what this release's reader read is in force.
                use_reader(warehouse, *running_reader())
                run_id = start_run(warehouse, plan.data, plan.as_of, flow)
            if after is not None:
                ends.callback(after, owner, run_id)
            night = Night(plan, warehouse, owner, client, targets, run_id, timer, writer)
            try:
                yield night
            except BaseException as error:
                status = "published" if night.published else "failed"
                detail = str(error)[:2000] if isinstance(error, Exception) else CUT_SHORT[1]
                finish_run(warehouse, run_id, status, detail, timer.seconds, night.warnings)
                raise
            finally:
                night.readers.close()
                client.close()
            finish_run(
                warehouse,
                run_id,
                "published" if night.published else "loaded",
                timings=timer.seconds,
                warnings=night.warnings,
            )


def _leave_at_once() -> None:
    """End this process: what dbt builds from now on could be another night's.

    Raising would not do, since the thread that finds out is not the one that works.
    """
    print(
        "corpintel: the connection that holds the night's lock was cut; another night may begin, "
        "so this one ends here and readers stay on the last good one",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)
