"""Secrets: a word in every secret variable, nights that fail in every step, and no trace of it."""

import base64
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from chaos.scripted_server import scripted
from tests.conftest import Cluster
from tests.nights import Home
from tests.sources.examples import KEYED, WATCHLIST, answer, variables

# With characters that addresses and shells write in another way.
PASSWORD = "canary/Pa%ss:w@rd"
KEYS = {f"CORPINTEL_{name}_API_KEY": f"canary-{name.lower()}-key" for name in KEYED}
READER = "canary reader's word"
IN_ADDRESS = "canary-in-an-address"
SECRETS = (PASSWORD, READER, IN_ADDRESS, *KEYS.values())
# Each in another way, so that every kind of error is told.
BEHAVIOURS = {
    "ALPHA_VANTAGE": "echo",
    "TWELVE_DATA": "401",
    "NEWSAPI": "error",
    "CRUNCHBASE": "loop",
    "GITHUB": "half-close",
    "YAHOO": "page",
}
A_FACT = """
insert into raw.sec_fact_values
    (filing_id, series_id, heading_id, end_date, value, capture_id, load_id)
values (1, 1, 1, '2026-01-01', 1, 1, 1)
"""
FAIL_WHILE_BUILDING = """
create function public.refuse() returns event_trigger language plpgsql as $$
begin raise exception 'refused by a drill'; end $$;
create event trigger refuse on ddl_command_start when tag in ('CREATE VIEW', 'CREATE TABLE AS')
execute function public.refuse()
"""
FAIL_WHILE_PUBLISHING = """
create function public.refuse_row() returns trigger language plpgsql as $$
begin raise exception 'refused by a drill'; end $$;
create trigger refuse before insert on ops.publications
for each row execute function public.refuse_row()
"""


@pytest.fixture
def database(own_cluster: Cluster) -> str:
    """The address of an empty database whose owner's password is one of the words.

    On a server of its own: a night gives the reader role, which all databases share, its password.
    """
    url = own_cluster.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(
            sql.SQL("create role canary superuser login password {}").format(sql.Literal(PASSWORD))
        )
        admin.execute("create database canary owner canary")
    return url.set(username="canary", password=PASSWORD, database="canary").render_as_string(
        hide_password=False
    )


def traces(folder: Path, *texts: str) -> list[str]:
    """Where one of the words stands, as it is or as addresses and headers write it."""
    forms = {
        form.encode(): secret
        for secret in SECRETS
        for form in (
            secret,
            quote(secret, safe=""),
            base64.b64encode(secret.encode()).decode(),
            base64.b64encode(f"canary:{secret}".encode()).decode(),
        )
    }
    places = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    places |= {f"output {number}": text.encode() for number, text in enumerate(texts)}
    return [
        f"{secret} in {place}"
        for place, content in places.items()
        for form, secret in forms.items()
        if form in content
    ]


def test_no_failure_leaves_a_secret_anywhere(home: Home, database: str) -> None:
    temporary = home.path / "tmp"
    temporary.mkdir()
    printed: list[str] = []
    with scripted(answer) as server:
        (home.path / "watchlist.yaml").write_text(WATCHLIST.format(url=server.url))
        urls = variables(server.url, BEHAVIOURS)
        urls["CORPINTEL_ECB_URL"] = urls["CORPINTEL_ECB_URL"].replace(
            "http://", f"http://canary:{IN_ADDRESS}@"
        )
        home.variables.update(
            urls
            | KEYS
            | {
                "CORPINTEL_WATCHLIST": str(home.path / "watchlist.yaml"),
                "CORPINTEL_DATABASE_URL": database,
                "CORPINTEL_READER_PASSWORD": READER,
                # Where Great Expectations puts its pages.
                "TMPDIR": str(temporary),
                # What a server gets is more than what a terminal shows.
                "PREFECT_LOGGING_LEVEL": "DEBUG",
            }
        )

        def ended(code: int, *arguments: str, extra: dict[str, str] | None = None) -> str:
            done = Home(home.path, home.variables | (extra or {})).run(*arguments)
            assert done.returncode == code, done.stdout + done.stderr
            printed.extend((done.stdout, done.stderr))
            return done.stdout + done.stderr

        assert "exception" not in ended(0, "db", "migrate").lower()
        with psycopg.connect(database, autocommit=True) as owner:
            # Without a fact there would be nothing to build on.
            owner.execute(A_FACT.encode())
            owner.execute(FAIL_WHILE_BUILDING.encode())
        told = ended(1, "nightly", "--live")
        assert "refused by a drill" in told
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("drop event trigger refuse")
            owner.execute(FAIL_WHILE_PUBLISHING.encode())
        ended(1, "nightly", "--live")
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("drop trigger refuse on ops.publications")
        ended(1, "doctor")
        ended(0, "rejected", "list")
        # Wrong settings are told with their values, but for those of secrets.
        ended(
            2, "nightly", "--live", extra={"CORPINTEL_DATABASE_URL": f"mysql://u:{IN_ADDRESS}@h/d"}
        )
        ended(2, "nightly", "--live", extra={"CORPINTEL_ECB_URL": f"http://u:{IN_ADDRESS}@h/?a=b"})
        ended(2, "nightly", "--live", extra={"CORPINTEL_NEWSAPI_API_KEY": f"{IN_ADDRESS} b"})
        wrong = database.replace("canary@", "").replace("/canary", "/no_such_database")
        ended(2, "nightly", "--live", extra={"CORPINTEL_DATABASE_URL": wrong})
        # An archive that cannot be written to ends a night with a traceback.
        blocked = home.path / "blocked"
        blocked.write_text("")
        told = ended(1, "nightly", "--live", extra={"CORPINTEL_ARCHIVE_URL": str(blocked)})
        assert "Traceback" in told
    with psycopg.connect(database) as owner:
        [(folder,)] = owner.execute("show data_directory").fetchall()
        tables = owner.execute(
            "select format('select t::text from %I.%I as t', schemaname, tablename)"
            " from pg_tables where schemaname in ('raw', 'ops')"
        ).fetchall()
        kept = [row[0] for (table,) in tables for row in owner.execute(table.encode())]
    logged = Path(folder, "server.log").read_text()
    assert traces(home.path, *printed, *kept, logged) == []
    # A search that finds nothing must be able to find something.
    assert traces(home.path, PASSWORD) == [f"{PASSWORD} in output 0"]
