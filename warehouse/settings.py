"""Settings of Corporate Intel from variables CORPINTEL_*: the only reader of the environment."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX: Final = "CORPINTEL_"
DATABASE_DRIVERS: Final = ("postgresql", "postgresql+psycopg2", "postgresql+psycopg")

# Read by the test suite, never by the program.
READ_BY_TESTS: Final = frozenset({"CORPINTEL_RECORDED_DATA", "CORPINTEL_TEST_DATABASE_URL"})

_EXAMPLES: Final = {
    "home": "/srv/corpintel",
    "database_url": "postgresql://corpintel:password@db.example.com:5432/corpintel",
    "reader_password": "a long random text",
    "archive_url": "s3://bucket/captures",
    "watchlist": "/srv/corpintel/watchlist.yaml",
    "postgres_bin": "/usr/lib/postgresql/18/bin",
    "sec_user_agent": "Example Corp data-team@example.com",
    "sec_data_url": "https://data.sec.gov",
    "sec_www_url": "https://www.sec.gov",
    "yahoo_url": "https://query1.finance.yahoo.com",
    "yahoo_cookie_url": "https://fc.yahoo.com",
    "ecb_url": "https://www.ecb.europa.eu",
    "alpha_vantage_url": "https://www.alphavantage.co",
    "alpha_vantage_api_key": "the key that Alpha Vantage sent you",
    "twelve_data_url": "https://api.twelvedata.com",
    "twelve_data_api_key": "the key of your Twelve Data account",
    "newsapi_url": "https://newsapi.org",
    "newsapi_api_key": "the key of your NewsAPI account",
    "crunchbase_url": "https://api.crunchbase.com",
    "crunchbase_api_key": "the user key of your Crunchbase licence",
    "github_url": "https://api.github.com",
    "github_api_key": "a fine-grained token without any permission",
    "document_years": "2",
    "documents_a_night": "400",
    "document_workers": "2",
}
_API_KEYS: Final = tuple(name for name in _EXAMPLES if name.endswith("_api_key"))
_SECRETS: Final = frozenset({"database_url", "reader_password", *_API_KEYS})
_BASE_URLS: Final = tuple(
    name for name, example in _EXAMPLES.items() if name.endswith("_url") and "https:" in example
)
_YAHOO: Final = "https://query1.finance.yahoo.com"
# The name and password that an address may carry.
_LOGIN: Final = re.compile(r"//.*@")
_CONTACT: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def without_login(address: str) -> str:
    """The address as it may be shown."""
    return _LOGIN.sub("//***@", address)


class SettingsError(ValueError):
    """Wrong or missing settings; one line for each, with the value and an example."""


def _absolute_place(value: str) -> str:
    return value if "://" in value else str(Path(value).absolute())


def _yahoo_cookie(validated: Mapping[str, Any]) -> str:
    # A proxy or test server in Yahoo's place is asked for the cookie too.
    return "https://fc.yahoo.com" if validated["yahoo_url"] == _YAHOO else validated["yahoo_url"]


def _archive_in_home(validated: Mapping[str, Any]) -> str:
    return str(validated["home"] / "archive")


class Settings(BaseSettings):
    """Every setting of one process; an empty variable counts as unset, paths are absolute."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    home: Path = Path(".corpintel")
    database_url: SecretStr | None = None
    reader_password: SecretStr | None = None
    archive_url: Annotated[str, AfterValidator(_absolute_place)] = Field(
        default_factory=_archive_in_home
    )
    watchlist: Path | None = None
    postgres_bin: Path | None = None
    sec_user_agent: str | None = None
    sec_data_url: str = "https://data.sec.gov"
    sec_www_url: str = "https://www.sec.gov"
    yahoo_url: str = _YAHOO
    yahoo_cookie_url: str = Field(default_factory=_yahoo_cookie)
    ecb_url: str = "https://www.ecb.europa.eu"
    alpha_vantage_url: str = "https://www.alphavantage.co"
    alpha_vantage_api_key: SecretStr | None = None
    twelve_data_url: str = "https://api.twelvedata.com"
    twelve_data_api_key: SecretStr | None = None
    newsapi_url: str = "https://newsapi.org"
    newsapi_api_key: SecretStr | None = None
    crunchbase_url: str = "https://api.crunchbase.com"
    crunchbase_api_key: SecretStr | None = None
    github_url: str = "https://api.github.com"
    github_api_key: SecretStr | None = None
    # Documents of filings of so many years are read, so many a night, by so many processes.
    document_years: int = Field(default=2, ge=0, le=40)
    documents_a_night: int = Field(default=400, ge=0, le=100_000)
    document_workers: int = Field(default=2, ge=1, le=64)

    @field_validator("home", "watchlist", "postgres_bin")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(f"its ~ cannot be resolved ({error})") from None

    @field_validator("database_url")
    @classmethod
    def _postgres_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            url = make_url(value.get_secret_value())
        except (ArgumentError, ValueError):
            raise ValueError("is not a database URL") from None
        if url.drivername not in DATABASE_DRIVERS:
            allowed = ", ".join(f"{driver}://" for driver in DATABASE_DRIVERS)
            raise ValueError(f"must begin with one of {allowed} and not {url.drivername}://")
        lacking = [part for part in ("host", "database") if not getattr(url, part)]
        if lacking:
            raise ValueError(f"names no {' and no '.join(lacking)}")
        return value

    @field_validator("sec_user_agent")
    @classmethod
    def _names_a_contact(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not (value.isascii() and value.isprintable()):
            raise ValueError("must be plain ASCII on one line, since it is sent as an HTTP header")
        if not _CONTACT.search(value):
            raise ValueError("must contain the e-mail address of a contact, as the SEC demands")
        return value.strip()

    @field_validator(*_API_KEYS)
    @classmethod
    def _header_text(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value is not None else ""
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError("must be plain ASCII without spaces, since it is sent in a header")
        return value

    @field_validator(*_BASE_URLS)
    @classmethod
    def _http_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("must be an http:// or https:// address without query or fragment")
        return value.rstrip("/")

    def base_urls(self) -> dict[str, str]:
        """The base address of every source, by the name of its setting."""
        return {name: getattr(self, name) for name in _BASE_URLS}

    def operator_urls(self) -> list[str]:
        """Base addresses of sources that are not the usual ones: the operator means their hosts."""
        return [url for name, url in self.base_urls().items() if url != _EXAMPLES[name]]

    def key_of(self, field: str) -> str | None:
        """The API key in that field, such as `newsapi_api_key`; None where it is not set."""
        value = getattr(self, field)
        return value.get_secret_value() if isinstance(value, SecretStr) else None

    def require_sec_user_agent(self) -> str:
        """The declared User-Agent for live requests to the SEC, or SettingsError when unset."""
        if self.sec_user_agent is None:
            raise SettingsError(
                f"{PREFIX}SEC_USER_AGENT is not set: the SEC refuses requests that name no "
                f"contact; set it, for example {_EXAMPLES['sec_user_agent']!r}"
            )
        return self.sec_user_agent


def load_settings() -> Settings:
    """Read the environment; SettingsError has one line for each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            _complaint(detail["loc"], detail["msg"])
            for detail in error.errors()
            # A default that hangs on a wrong variable; that one has its own line.
            if detail["type"] != "default_factory_not_called"
        ]
    # Raised outside the handler: pydantic's error holds the inputs, secrets among them.
    raise SettingsError("\n".join(lines))


def _complaint(location: tuple[int | str, ...], message: str) -> str:
    field = str(location[0])
    variable = PREFIX + field.upper()
    given = next((value for name, value in os.environ.items() if name.upper() == variable), "")
    shown = "(value hidden)" if field in _SECRETS else repr(without_login(given))
    what = message.removeprefix("Value error, ")
    example = _EXAMPLES.get(field, "")
    return f"{variable}: {shown} {what}; for example {example}"


def unknown_variables() -> list[str]:
    """One line for each variable CORPINTEL_* that nothing reads, with the closest known name."""
    known = {PREFIX + field.upper() for field in Settings.model_fields} | READ_BY_TESTS
    lines = []
    for name in sorted(os.environ):
        if not name.upper().startswith(PREFIX) or name.upper() in known:
            continue
        # Compared without the prefix, which alone makes any two of them alike.
        stems = [variable.removeprefix(PREFIX) for variable in sorted(known)]
        close = difflib.get_close_matches(name.upper().removeprefix(PREFIX), stems, n=1)
        cure = f"did you mean {PREFIX}{close[0]}?" if close else f"known are {', '.join(stems)}"
        lines.append(f"{name} is read by nothing; {cure}")
    return lines
