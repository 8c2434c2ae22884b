"""Settings: defaults, and one complete line for each wrong variable."""

import os
from pathlib import Path

import pytest

from connectors.service import services
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
    settings = load_settings(services().values())
    assert settings.home == tmp_path / ".corpintel"
    assert settings.archive_url == str(tmp_path / ".corpintel" / "archive")
    assert settings.database_url is None
    assert settings.base_urls()["sec_data_url"] == "https://data.sec.gov"
    assert settings.operator_urls() == []


def test_paths_become_absolute_and_urls_lose_their_trailing_slash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CORPINTEL_HOME", "night")
    monkeypatch.setenv("CORPINTEL_WATCHLIST", "lists/mine.yaml")
    monkeypatch.setenv("CORPINTEL_SEC_WWW_URL", "http://127.0.0.1:8080/sec/")
    settings = load_settings(services().values())
    assert settings.home == tmp_path / "night"
    assert settings.archive_url == str(tmp_path / "night" / "archive")
    assert settings.watchlist == tmp_path / "lists" / "mine.yaml"
    assert settings.base_urls()["sec_www_url"] == "http://127.0.0.1:8080/sec"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPINTEL_DATABASE_URL", "")
    monkeypatch.setenv("CORPINTEL_ECB_URL", "")
    settings = load_settings(services().values())
    assert settings.database_url is None
    assert settings.operator_urls() == []


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
        load_settings(services().values())
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
    database, home, other = unknown_variables(services().values())
    assert database.endswith("did you mean CORPINTEL_DATABASE_URL?")
    assert home == "CORPINTEL_HOEM is read by nothing; did you mean CORPINTEL_HOME?"
    assert other.startswith("CORPINTEL_ZZZ is read by nothing; known are ALERT_EMAIL, ")


def test_a_key_is_hidden_where_it_is_refused_and_where_it_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CORPINTEL_GITHUB_API_KEY", "canary 4711")
    with pytest.raises(SettingsError) as caught:
        load_settings(services().values())
    assert str(caught.value) == (
        "CORPINTEL_GITHUB_API_KEY: (value hidden) must be plain ASCII without spaces, since it is "
        "sent in a header; for example a fine-grained token without any permission"
    )
    monkeypatch.setenv("CORPINTEL_GITHUB_API_KEY", "canary-4711")
    settings = load_settings(services().values())
    assert settings.key_of("github_api_key") == "canary-4711"
    assert settings.key_of("newsapi_api_key") is None
    assert "canary" not in repr(settings)


def test_a_proxy_of_yahoo_is_asked_for_the_cookie_too(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = "http://127.0.0.1:8080/yahoo"
    monkeypatch.setenv("CORPINTEL_YAHOO_URL", proxy)
    settings = load_settings(services().values())
    assert settings.base_urls()["yahoo_cookie_url"] == proxy
    assert settings.operator_urls() == [proxy, proxy]
    monkeypatch.setenv("CORPINTEL_YAHOO_COOKIE_URL", "https://fc.yahoo.com")
    assert load_settings(services().values()).base_urls()["yahoo_cookie_url"] == (
        "https://fc.yahoo.com"
    )


def test_variables_of_sources_are_read_where_sources_are_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CORPINTEL_ECB_URL", "ftp://ecb")
    assert load_settings().base_urls() == {}
    with pytest.raises(SettingsError, match="CORPINTEL_ECB_URL: 'ftp://ecb' must be an http://"):
        load_settings(services().values())


def test_every_service_names_its_settings_after_itself() -> None:
    for name, service in services().items():
        named = [*service.base_urls, *([service.key] if service.key else [])]
        assert all(setting.startswith(f"{name}_") for setting in named)
        assert set(service.follows) | set(service.follows.values()) <= set(service.base_urls)
        assert (service.key is None) == (service.key_example == "")
