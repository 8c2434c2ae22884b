"""corpintel doctor: each thing that a night needs is tried, with a line and a cure for each."""

import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

import typer
from rich.console import Console
from sqlalchemy.engine import make_url

import migrations
from connectors.archive import Archive
from connectors.service import HOUR, limits, services
from flows.cli.prefect_checks import prefect_checks
from flows.cli.refusals import refusals
from flows.night.space import NoSpaceError, require_space
from flows.sources import SOURCES
from warehouse.alerts import broken, read_rules
from warehouse.breakers import SharedBreakers
from warehouse.db import Warehouse, WarehouseError, as_loader, open_warehouse
from warehouse.measures import measure
from warehouse.ops import warehouse_state
from warehouse.quotas import RequestLedger
from warehouse.roles import ensure_roles, why_kept_out
from warehouse.settings import Settings, load_settings, unknown_variables, without_login
from warehouse.watchlist import load_watchlist

PACKAGES = ("prefect", "dbt-core", "great-expectations", "sqlalchemy", "psycopg")

State = Literal["ok", "wrong", "not used"]

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Check:
    """What came of trying one thing; what is wrong has its cure in `told`."""

    name: str
    state: State
    told: str


@app.command(epilog="Example: corpintel doctor")
def doctor() -> None:
    """Try each thing that a night needs, and say how to mend what is wrong; exit code 1 then."""
    console = Console(highlight=False, soft_wrap=True)
    wrong = 0
    for check in _checks():
        wrong += check.state == "wrong"
        mark = "WRONG" if check.state == "wrong" else check.state
        console.print(f"{mark:<9}{check.name:<14}{check.told}", markup=False)
    if wrong:
        things = "thing is" if wrong == 1 else "things are"
        console.print(f"\n{wrong} {things} wrong.")
        raise SystemExit(1)
    console.print("\nNothing is wrong.")


def _checks() -> Iterator[Check]:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield Check("Version", "ok", f"corporate-intel {version('corporate-intel')}, {versions}")
    yield Check("Python", "ok", f"{platform.python_version()} on {platform.system()}")
    settings = load_settings(services().values())
    for line in unknown_variables(services().values()):
        yield Check("Settings", "wrong", line)
    if settings.sec_user_agent is None:
        yield Check("User-Agent", "not used", "live nights need CORPINTEL_SEC_USER_AGENT")
    else:
        yield Check("User-Agent", "ok", settings.sec_user_agent)
    yield from _tried("Home", lambda: _home(settings))
    yield from _tried("Watchlist", lambda: _watchlist(settings))
    yield from _tried("Archive", lambda: _archive(settings))
    for name, source in SOURCES.items():
        if source.key is not None:
            variable = f"CORPINTEL_{source.key.upper()}"
            is_set = settings.key_of(source.key) is not None
            told = f"{variable} is set" if is_set else f"set {variable} to ask it"
            yield Check(name, "ok" if is_set else "not used", told)
    with ExitStack() as stack:
        try:
            warehouse = stack.enter_context(open_warehouse(settings))
        except WarehouseError as error:
            yield Check("Warehouse", "wrong", str(error))
        else:
            yield from _of_warehouse(settings, warehouse)
    yield from _channels(settings)
    yield from (Check(*found) for found in prefect_checks(settings.home))


def _tried(name: str, trial: Callable[[], str]) -> Iterator[Check]:
    """What a trial says of a thing, or how it failed."""
    expected: tuple[type[Exception], ...] = (*refusals(), NoSpaceError, OSError, ValueError)
    try:
        yield Check(name, "ok", trial())
    except expected as error:
        yield Check(name, "wrong", " ".join(str(error).split()))


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    trial = settings.home / ".doctor"
    trial.write_bytes(b"")
    trial.unlink()
    require_space(settings)
    return f"{settings.home}, {shutil.disk_usage(settings.home).free / 1e9:,.0f} GB free"


def _watchlist(settings: Settings) -> str:
    listed = load_watchlist(settings.watchlist) if settings.watchlist else load_watchlist()
    return f"{settings.watchlist or 'the bundled EdTech list'}: {len(listed.companies):,} companies"


def _archive(settings: Settings) -> str:
    Archive(settings.archive_url).try_writing()
    return f"{without_login(settings.archive_url)}, written to and read back"


def _of_warehouse(settings: Settings, warehouse: Warehouse) -> Iterator[Check]:
    kind = "embedded" if warehouse.embedded else "CORPINTEL_DATABASE_URL"
    url = make_url(warehouse.url)
    state = warehouse_state(warehouse)
    where = f"{url.host}:{url.port}, database {url.database}"
    yield Check("Warehouse", "ok", f"{kind}: {where}, PostgreSQL {state.server_version}")
    if not state.has_schema:
        yield Check("Schema", "not used", "it is made by the first night, or corpintel db migrate")
        return
    with warehouse.engine.connect() as connection:
        waiting = migrations.pending(connection)
    if waiting:
        told = f"{len(waiting)} migrations are waiting; run corpintel db migrate"
        yield Check("Schema", "wrong", told)
        return
    yield Check("Schema", "ok", f"up to date, for {state.data_kind or 'either kind of'} data")
    yield from _roles(warehouse)
    yield from _last_night(settings, warehouse)
    yield from _sources(warehouse)


def _roles(warehouse: Warehouse) -> Iterator[Check]:
    """Each role logs in; what was changed about it is put right, and told."""
    roles = ensure_roles(warehouse)
    for line in roles.healed:
        yield Check("Roles", "ok", f"{line}: somebody changed them")
    for line in roles.refused:
        yield Check("Roles", "wrong", line)
    logins = (
        ("Reader", warehouse.reader_password, warehouse.reader_url, "CORPINTEL_READER_PASSWORD"),
        (
            "Operator",
            warehouse.operator_password,
            warehouse.operator_url,
            "CORPINTEL_OPERATOR_PASSWORD",
        ),
    )
    for name, password, url, variable in logins:
        if password is None:
            yield Check(name, "not used", f"set {variable} to give the role its login")
            continue
        why = why_kept_out(url())
        if why is None:
            yield Check(name, "ok", f"corpintel_{name.lower()} logs in")
        else:
            yield Check(name, "wrong", f"{why}; check {variable}")
    try:
        with as_loader(warehouse):
            yield Check("Loader", "ok", "corpintel_loader is taken on")
    except WarehouseError as error:
        yield Check("Loader", "wrong", str(error))


def _last_night(settings: Settings, warehouse: Warehouse) -> Iterator[Check]:
    from flows.steps.alerting import RULES

    state = warehouse_state(warehouse)
    if state.last_run is None:
        yield Check("Last run", "not used", "none yet: corpintel nightly")
        return
    run_id, status, as_of, detail = state.last_run
    failed = status == "failed"
    told = f"{run_id} {status}, as of {as_of}"
    cure = f": {detail}; see corpintel runs" if failed else ""
    yield Check("Last run", "wrong" if failed else "ok", f"{told}{cure}")
    if state.published:
        run_id, as_of, content_hash = state.published
        yield Check("Published", "ok", f"run {run_id} as of {as_of}, {content_hash}")
    else:
        yield Check("Published", "not used", "nothing yet: corpintel nightly")
    for rule, one in broken(read_rules(RULES), measure(warehouse, settings.home, limits())):
        told = f"{rule.alert}{one.about}: {one.name} is {one.value:,.4g}; {rule.what_to_do}"
        yield Check("Alert", "wrong", told)


def _sources(warehouse: Warehouse) -> Iterator[Check]:
    """Breakers that no answer has closed, and what is left of the daily quotas."""
    standing = SharedBreakers(warehouse).standing()
    for host, source, reason, until in standing:
        told = f"{source} at {host}: {reason}, left alone until {until:%Y-%m-%d %H:%M} UTC"
        yield Check("Breaker", "wrong", told)
    if not standing:
        yield Check("Breakers", "ok", "every host may be asked")
    ledger = RequestLedger(warehouse, limits())
    for source, declared in limits().items():
        units = max(declared, key=lambda limit: limit.seconds)
        if units.seconds >= HOUR:
            left = ledger.left_today(source)
            told = f"{source}: {left} of {units.units} left"
            yield Check("Quota", "ok" if left else "wrong", told if left else f"{told}; wait a day")


def _channels(settings: Settings) -> Iterator[Check]:
    """Who is told of alerts; nobody is written to just to see whether it works."""
    has_email = settings.alert_email is not None and settings.smtp_url is not None
    if settings.alert_webhook_url is not None or has_email:
        ways = [
            name
            for name, is_set in (("webhook", settings.alert_webhook_url), ("e-mail", has_email))
            if is_set
        ]
        yield Check("Alerts", "ok", f"are told by {' and '.join(ways)}")
    elif settings.alert_email is not None or settings.smtp_url is not None:
        told = "CORPINTEL_ALERT_EMAIL and CORPINTEL_SMTP_URL go together; set both"
        yield Check("Alerts", "wrong", told)
    else:
        told = "are logged alone: set CORPINTEL_ALERT_WEBHOOK_URL"
        yield Check("Alerts", "not used", told)
    beats = settings.heartbeat_url is not None
    told = "is asked at each good end" if beats else "set CORPINTEL_HEARTBEAT_URL"
    yield Check("Heartbeat", "ok" if beats else "not used", told)
