"""corpintel db: the embedded server's life, the reader's URL and the migrations."""

import sys

import migrations
from flows.night.bad_request import BadRequestError
from warehouse import embedded
from warehouse.db import open_warehouse
from warehouse.roles import ensure_reader_login
from warehouse.settings import Settings, load_settings


def _embedded_settings() -> Settings:
    settings = load_settings()
    if settings.database_url is not None:
        raise BadRequestError(
            "CORPINTEL_DATABASE_URL names a server of your own, which is not ours to start or "
            "stop; unset it to use the embedded one"
        )
    return settings


def url() -> None:
    """Print the reader's URL; an embedded server is kept up so that the URL works."""
    settings = load_settings()
    _migrate(settings)
    if settings.database_url is None:
        embedded.keep_up(settings.home / "postgres", postgres_bin=settings.postgres_bin)
        print("The server stays up until: corpintel db stop", file=sys.stderr)
    with open_warehouse(settings) as warehouse:
        print(warehouse.reader_url())


def start() -> None:
    """Start the embedded server and keep it up."""
    settings = _embedded_settings()
    server = embedded.keep_up(settings.home / "postgres", postgres_bin=settings.postgres_bin)
    print(f"PostgreSQL is up on {server.host}:{server.port}; it stays until: corpintel db stop")


def stop() -> None:
    """Stop the embedded server."""
    stopped = embedded.stop(_embedded_settings().home / "postgres")
    print("PostgreSQL is stopped." if stopped else "PostgreSQL was not running.")


def migrate() -> None:
    """Bring the schemas to their newest revision."""
    _migrate(load_settings())
    print("The schemas are up to date.")


def _migrate(settings: Settings) -> None:
    with open_warehouse(settings) as warehouse:
        with warehouse.engine.begin() as connection:
            migrations.upgrade(connection)
        ensure_reader_login(warehouse)
