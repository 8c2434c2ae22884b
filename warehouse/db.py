"""The warehouse's connection: the embedded server of HOME, or that of CORPINTEL_DATABASE_URL."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from warehouse.embedded import OLDEST_MAJOR, EmbeddedError, Server, leased
from warehouse.rights import lacking, refused
from warehouse.settings import Settings

READER_ROLE: Final = "corpintel_reader"
LOADER_ROLE: Final = "corpintel_loader"
OPERATOR_ROLE: Final = "corpintel_operator"
APPLICATION_NAME: Final = "corpintel"
CONNECT_SECONDS: Final = 10
# Of a text that is searched: PostgreSQL's index of words holds no megabyte.
SEARCHED_CHARACTERS: Final = 400_000


class WarehouseError(RuntimeError):
    """The warehouse cannot be used; the message names server and cure, never the password."""


@dataclass(frozen=True)
class ReaderLimits:
    """What a reader may take: seconds of a statement, connections, megabytes of temporary files."""

    seconds: int = 300
    connections: int = 60
    temp_mb: int = 4_096


@dataclass(frozen=True)
class Warehouse:
    """One open warehouse: `url` is for SQLAlchemy, dbt and Great Expectations (psycopg2)."""

    url: str = field(repr=False)
    engine: Engine
    embedded: bool
    reader_password: SecretStr | None = None
    operator_password: SecretStr | None = None
    reader_limits: ReaderLimits = ReaderLimits()

    def psycopg_dsn(self) -> str:
        """The connection string for psycopg 3, whose COPY the loader uses; has the password."""
        return make_conninfo(**_libpq_arguments(make_url(self.url)))

    def reader_url(self) -> str:
        """The URL of the read-only role as libpq, psql and BI tools take it.

        WarehouseError where its password is not known.
        """
        return self.url_of(READER_ROLE, self.reader_password)

    def operator_url(self) -> str:
        """The URL of the role that reads what nights did; as `reader_url`."""
        return self.url_of(OPERATOR_ROLE, self.operator_password)

    def url_of(self, role: str, password: SecretStr | None) -> str:
        """The URL of that login, as libpq, psql and BI tools take it."""
        if password is None:
            variable = f"{role.upper()}_PASSWORD"
            raise WarehouseError(
                f"The password of role {role} on {_address(make_url(self.url))} is not "
                f"known. Set {variable} to it."
            )
        url = make_url(self.url).set(
            drivername="postgresql", username=role, password=password.get_secret_value()
        )
        # SQLAlchemy leaves spaces as they are, which libpq refuses.
        return url.render_as_string(hide_password=False).replace(" ", "%20")


@contextlib.contextmanager
def as_loader(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The same warehouse through the role that loads: its every session can drop nothing.

    WarehouseError where the connecting role may not take it on.
    """
    url = make_url(warehouse.url)
    options = " ".join([*url.normalized_query.get("options", ()), f"-c role={LOADER_ROLE}"])
    url = url.update_query_dict({"options": options})
    engine = create_engine(url, pool_pre_ping=True, connect_args=_session_arguments(url))
    try:
        _require_usable(engine)
        yield replace(warehouse, url=url.render_as_string(hide_password=False), engine=engine)
    finally:
        engine.dispose()


@contextlib.contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open the warehouse of `settings`; an embedded server is leased until the block ends.

    Raises WarehouseError where the server cannot be started or reached, or is older than 15, and
    where what is done in the block needs rights that its role lacks.
    """
    with contextlib.ExitStack() as stack:
        if settings.database_url is not None:
            url = make_url(settings.database_url.get_secret_value())
            reader_password = settings.reader_password
            operator_password = settings.operator_password
        else:
            state = settings.home / "postgres"
            try:
                server = stack.enter_context(leased(state, postgres_bin=settings.postgres_bin))
            except EmbeddedError as error:
                raise WarehouseError(str(error)) from error
            url = _server_url(server)
            reader_password = SecretStr(_generated_password(state / "reader_password"))
            operator_password = SecretStr(_generated_password(state / "operator_password"))
        url = url.set(drivername="postgresql+psycopg2")
        engine = create_engine(url, pool_pre_ping=True, connect_args=_session_arguments(url))
        stack.callback(engine.dispose)
        _require_usable(engine)
        try:
            yield Warehouse(
                url=url.render_as_string(hide_password=False),
                engine=engine,
                embedded=settings.database_url is None,
                reader_password=reader_password,
                operator_password=operator_password,
                reader_limits=ReaderLimits(
                    settings.reader_seconds, settings.reader_connections, settings.reader_temp_mb
                ),
            )
        except (DBAPIError, psycopg.Error) as error:
            # On the embedded server the role may do anything: there it is a fault of ours.
            reason = refused(error)
            if settings.database_url is None or reason is None:
                raise
            wanted = _wanted_rights(engine)
            cure = f"run: {'; '.join(wanted)}" if wanted else "grant it"
            raise WarehouseError(
                f"Role {url.username} on {_address(url)} lacks a right: {reason}. Have an "
                f"administrator {cure}"
            ) from error


def _wanted_rights(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return lacking(connection, (READER_ROLE, LOADER_ROLE, OPERATOR_ROLE), LOADER_ROLE)


def reopened(url: str) -> Warehouse:
    """A warehouse that another process has open, and keeps up; `url` is that of its Warehouse."""
    return Warehouse(url, create_engine(url, connect_args=_session_arguments(make_url(url))), False)


def _server_url(server: Server) -> URL:
    return URL.create(
        "postgresql+psycopg2",
        username=server.user,
        password=server.password,
        host=server.host,
        port=server.port,
        database=server.database,
    )


def _session_arguments(url: URL) -> dict[str, Any]:
    """Libpq parameters of every session: named for us, in UTC, after the URL's own options."""
    own = " ".join(url.normalized_query.get("options", ()))
    arguments: dict[str, Any] = {
        "application_name": APPLICATION_NAME,
        # Rows are hashed as text: zone and date style must not depend on the server's settings.
        "options": f"{own} -c timezone=UTC -c datestyle=ISO".strip(),
    }
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = CONNECT_SECONDS
    return arguments


def _libpq_arguments(url: URL) -> dict[str, Any]:
    named = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
    }
    given = {name: ",".join(values) for name, values in url.normalized_query.items()}
    return given | named | _session_arguments(url)


def _address(url: URL) -> str:
    return f"{url.host}:{url.port or 5432}, database {url.database}"


def _require_usable(engine: Engine) -> None:
    where = _address(engine.url)
    reason = None
    try:
        with engine.connect() as connection:
            number, version = connection.execute(
                text("select current_setting('server_version_num')::int, version()")
            ).one()
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
    if reason is not None and f'role "{LOADER_ROLE}"' in reason:
        raise WarehouseError(
            f"{engine.url.username} on {where} may not load as {LOADER_ROLE} ({reason}). Have an "
            f"administrator run, after create role {LOADER_ROLE} where there is none: "
            f"grant {LOADER_ROLE} to {engine.url.username}"
        )
    if reason is not None:
        password = engine.url.password
        shown = reason.replace(str(password), "***") if password else reason
        raise WarehouseError(
            f"Cannot connect to PostgreSQL at {where}, as {engine.url.username}: {shown}. Check "
            f"that the server runs and that CORPINTEL_DATABASE_URL is right, or unset it to use "
            f"the embedded server."
        )
    if number < OLDEST_MAJOR * 10_000:
        raise WarehouseError(
            f"The server at {where} is {version.split(' on ')[0]}; PostgreSQL {OLDEST_MAJOR} or "
            f"newer is needed. Set CORPINTEL_DATABASE_URL to a newer server, or unset it to use "
            f"the embedded one."
        )


def _generated_password(path: Path) -> str:
    """The password in `path`, made on first use; of several processes the first one's stays."""
    if not path.exists():
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        os.unlink(fresh)
    return path.read_text(encoding="utf-8")


def has_table(connection: Connection, name: str) -> bool:
    """Whether the warehouse has a table or view such as "ops.runs" yet."""
    return bool(
        connection.execute(text("select to_regclass(:name) is not null"), {"name": name}).scalar()
    )


def has_schema(connection: Connection, name: str) -> bool:
    """Whether the warehouse has a schema of this name yet."""
    return bool(
        connection.execute(
            text("select to_regnamespace(:name) is not null"), {"name": name}
        ).scalar()
    )
