"""Settings: defaults, and one complete line for each wrong variable."""

import os
from pathlib import Path

import pytest

from warehouse.settings import Settings, SettingsError, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("CORPINTEL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_set_means_an_embedded_server_and_an_archive_below_the_current_folder(
    tmp_path: Path,
) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / ".corpintel"
    assert settings.archive_url == str(tmp_path / ".corpintel" / "archive")
    assert settings.database_url is None
    assert settings.sec_data_url == "https://data.sec.gov"


def test_paths_become_absolute_and_urls_lose_their_trailing_slash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CORPINTEL_HOME", "night")
    monkeypatch.setenv("CORPINTEL_WATCHLIST", "lists/mine.yaml")
    monkeypatch.setenv("CORPINTEL_SEC_WWW_URL", "http://127.0.0.1:8080/sec/")
    settings = load_settings()
    assert settings.home == tmp_path / "night"
    assert settings.archive_url == str(tmp_path / "night" / "archive")
    assert settings.watchlist == tmp_path / "lists" / "mine.yaml"
    assert settings.sec_www_url == "http://127.0.0.1:8080/sec"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPINTEL_DATABASE_URL", "")
    monkeypatch.setenv("CORPINTEL_ECB_URL", "")
    assert load_settings() == Settings()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_database_url_is_kept_as_given_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    url = f"{scheme}://night:p%40ss/word@db.example.com/corpintel"
    monkeypatch.setenv("CORPINTEL_DATABASE_URL", url)
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == url
    assert "ss/word" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("mysql://u:s3cret@h/db", "must begin with one of postgresql://"),
        ("postgres://u:s3cret@h/db", "and not postgres://"),
        ("postgresql://u:s3cret@h", "names no database"),
        ("postgresql://u:s3cret@/db", "names no host"),
        ("postgresql://u:s3cret@h:port/db", "is not a database URL"),
        ("s3cret", "is not a database URL"),
    ],
)
def test_a_wrong_database_url_is_explained_without_its_value(
    monkeypatch: pytest.MonkeyPatch, url: str, fault: str
) -> None:
    monkeypatch.setenv("CORPINTEL_DATABASE_URL", url)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    (line,) = str(caught.value).splitlines()
    assert line.startswith("CORPINTEL_DATABASE_URL: (value hidden) ")
    assert fault in line
    assert line.endswith("postgresql://corpintel:password@db.example.com:5432/corpintel")
    assert "s3cret" not in line
    assert caught.value.__context__ is None


def test_every_wrong_variable_has_one_line_with_value_fault_and_example(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CORPINTEL_HOME", "~no-such-account/x")
    monkeypatch.setenv("CORPINTEL_SEC_USER_AGENT", "a night")
    monkeypatch.setenv("CORPINTEL_YAHOO_URL", "ftp://yahoo")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    home, agent, yahoo = str(caught.value).splitlines()
    assert home.startswith("CORPINTEL_HOME: '~no-such-account/x' its ~ cannot be resolved")
    assert agent.startswith("CORPINTEL_SEC_USER_AGENT: 'a night' must contain the e-mail address")
    assert agent.endswith("for example Example Corp data-team@example.com")
    assert yahoo.startswith("CORPINTEL_YAHOO_URL: 'ftp://yahoo' must be an http://")


@pytest.mark.parametrize("agent", ["Night\nHost: x a@b.org", "Nacht ü a@b.org", "a@b", "@b.org"])
def test_a_user_agent_that_cannot_be_sent_or_names_no_contact_is_refused(agent: str) -> None:
    with pytest.raises(ValueError, match=r"must (be plain ASCII|contain the e-mail)"):
        Settings(sec_user_agent=agent)


def test_only_live_requests_demand_a_user_agent() -> None:
    with pytest.raises(SettingsError, match="CORPINTEL_SEC_USER_AGENT is not set"):
        Settings().require_sec_user_agent()
    agent = "Example Corp data-team@example.com"
    assert Settings(sec_user_agent=agent).require_sec_user_agent() == agent


def test_unknown_variables_name_the_closest_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPINTEL_HOEM", "/srv")
    monkeypatch.setenv("CORPINTEL_DATABSE_URL", "x")
    monkeypatch.setenv("CORPINTEL_ZZZ", "x")
    monkeypatch.setenv("CORPINTEL_POSTGRES_BIN", "/usr/bin")
    monkeypatch.setenv("CORPINTEL_RECORDED_DATA", "/srv/recorded")
    database, home, other = unknown_variables()
    assert database.endswith("did you mean CORPINTEL_DATABASE_URL?")
    assert home == "CORPINTEL_HOEM is read by nothing; did you mean CORPINTEL_HOME?"
    assert other.startswith("CORPINTEL_ZZZ is read by nothing; known are ALPHA_VANTAGE_API_KEY, ")
