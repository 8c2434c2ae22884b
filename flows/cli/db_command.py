"""corpintel db: the embedded server's life, the reader's URL and the migrations."""

import sys

import typer

import migrations
from flows.night.bad_request import BadRequestError
from warehouse import embedded
from warehouse.db import open_warehouse
from warehouse.roles import ensure_reader_login
from warehouse.settings import Settings, load_settings

app = typer.Typer(
    help="The warehouse: its URL, its server, its schema.",
    no_args_is_help=True,
    add_completion=False,
)


def _embedded_settings() -> Settings:
    settings = load_settings()
    if settings.database_url is not None:
        raise BadRequestError(
            "CORPINTEL_DATABASE_URL names a server of your own, which is not ours to start or "
            "stop; unset it to use the embedded one"
        )
    return settings


@app.command(epilog="Example: corpintel db url")
def url() -> None:
    """Print the URL of the read-only role; the embedded server then stays up for it."""
    settings = load_settings()
    _migrate(settings)
    if settings.database_url is None:
        embedded.keep_up(settings.home / "postgres", postgres_bin=settings.postgres_bin)
        print("The server stays up until: corpintel db stop", file=sys.stderr)
    with open_warehouse(settings) as warehouse:
        print(warehouse.reader_url())


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


@app.command(epilog="Example: corpintel db migrate")
def migrate() -> None:
    """Create or upgrade the schemas raw and ops."""
    _migrate(load_settings())
    print("The schemas are up to date.")


def _migrate(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_reader_login(warehouse)
