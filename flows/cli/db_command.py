"""corpintel db: the embedded server's life, the reader's URL and the migrations."""

import sys
import time
from typing import Annotated

import typer

import migrations
from flows.cli.options import ReadingRole
from flows.cli.printing import print_rows
from flows.night.bad_request import BadRequestError
from warehouse import embedded
from warehouse.access.logins import add_login, logins, remove_login
from warehouse.db import open_warehouse
from warehouse.roles import RolesState, ensure_roles
from warehouse.settings import Settings, load_settings
from warehouse.watchdog import end_long_statements

app = typer.Typer(
    help="The warehouse: its URL, its server, its schema.",
    no_args_is_help=True,
    add_completion=False,
)
user_app = typer.Typer(help="Logins of people who read the marts.", no_args_is_help=True)
app.add_typer(user_app, name="user")


def _embedded_settings() -> Settings:
    settings = load_settings()
    if settings.database_url is not None:
        raise BadRequestError(
            "CORPINTEL_DATABASE_URL names a server of your own, which is not ours to start or "
            "stop; unset it to use the embedded one"
        )
    return settings


@app.command(epilog="Example: corpintel db url --role operator")
def url(
    role: Annotated[
        ReadingRole, typer.Option(help="Whose; operators also read ops, raw and intermediate.")
    ] = ReadingRole.reader,
) -> None:
    """Print the URL of a read-only role; the embedded server then stays up for it."""
    settings = load_settings()
    _migrate(settings)
    _keep_up(settings)
    with open_warehouse(settings) as warehouse:
        is_operator = role is ReadingRole.operator
        print(warehouse.operator_url() if is_operator else warehouse.reader_url())


@app.command(epilog="Example: corpintel db start")
def start() -> None:
    """Start the embedded server and keep it up until `corpintel db stop`."""
    settings = _embedded_settings()
    server = embedded.keep_up(settings.home / "postgres", postgres_bin=settings.postgres_bin)
    print(f"PostgreSQL is up on {server.host}:{server.port}; it stays until: corpintel db stop")


@app.command(epilog="Example: corpintel db stop")
def stop() -> None:
    """Stop the embedded server."""
    stopped = embedded.stop(_embedded_settings().home / "postgres")
    print("PostgreSQL is stopped." if stopped else "PostgreSQL was not running.")


@app.command(epilog="Example: corpintel db migrate --plan")
def migrate(
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be run and how long it takes; run none.")
    ] = False,
) -> None:
    """Create or upgrade the schemas raw and ops, and put the roles right."""
    if plan:
        _show_plan(load_settings())
        return
    state = _migrate(load_settings())
    for line in state.healed:
        print(f"Put right: {line}.")
    for line in state.refused:
        print(f"Left alone: {line}.")
    print("The schemas are up to date.")


@app.command(epilog="Example: corpintel db watch --once")
def watch(
    once: Annotated[
        bool, typer.Option("--once", help="Look once and end, for cron and the like.")
    ] = False,
) -> None:
    """End readers' statements that take longer than CORPINTEL_READER_SECONDS, until Ctrl-C."""
    with open_warehouse(load_settings()) as warehouse:
        limit = warehouse.reader_limits.seconds
        print(f"Statements of readers may take {limit} s.", file=sys.stderr)
        while True:
            for ended in end_long_statements(warehouse):
                print(
                    f"Ended after {ended.seconds:,.0f} s: {ended.role} ({ended.state}): "
                    f"{ended.statement}",
                    flush=True,
                )
            if once:
                return
            time.sleep(min(limit / 4, 15))


@user_app.command("add", epilog="Example: corpintel db user add ada")
def add_user(name: Annotated[str, typer.Argument(help="Small letters, digits and _.")]) -> None:
    """Give a person a login of their own that reads the marts, and print its URL once."""
    settings = load_settings()
    _migrate(settings)
    _keep_up(settings)
    with open_warehouse(settings) as warehouse:
        print(add_login(warehouse, name))


@user_app.command("list", epilog="Example: corpintel db user list")
def list_users() -> None:
    """List the logins that were given to people, with how many sessions each has now."""
    with open_warehouse(load_settings()) as warehouse:
        rows = [(login.name, login.sessions) for login in logins(warehouse)]
    print_rows(("login", "sessions"), rows, "table")


@user_app.command("remove", epilog="Example: corpintel db user remove ada")
def remove_user(name: Annotated[str, typer.Argument(help="Whose login.")]) -> None:
    """End a person's sessions and take the login away."""
    with open_warehouse(load_settings()) as warehouse:
        ended = remove_login(warehouse, name)
    print(f"The login {name} is gone; {ended} of its sessions were ended.")


def _show_plan(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse, warehouse.engine.connect() as connection:
        waiting = migrations.pending(connection)
    for one in waiting:
        took = f"about {one.minutes:.0f} min" if one.minutes >= 1 else "seconds"
        print(f"{one.revision}  {took:<14}{one.what}")
    if waiting:
        total = sum(one.minutes for one in waiting)
        print(f"{len(waiting)} migrations, about {total:.0f} min, in one transaction.")
    else:
        print("The schemas are up to date.")


def _migrate(settings: Settings) -> RolesState:
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        return ensure_roles(warehouse)


def _keep_up(settings: Settings) -> None:
    """Keep an embedded server up, since a URL of it must work afterwards."""
    if settings.database_url is None:
        embedded.keep_up(settings.home / "postgres", postgres_bin=settings.postgres_bin)
        print("The server stays up until: corpintel db stop", file=sys.stderr)
