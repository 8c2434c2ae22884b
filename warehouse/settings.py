"""Settings of Corporate Intel from variables CORPINTEL_*: the only reader of the environment."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, Protocol
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    field_validator,
)
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
    "operator_password": "a long random text",
    "alert_webhook_url": "https://hooks.example.com/services/abc",
    "alert_email": "on-call@example.com",
    "smtp_url": "smtp://user:password@mail.example.com:587",
    "heartbeat_url": "https://beats.example.com/ping/abc",
    "metrics_file": "/var/lib/node_exporter/corpintel.prom",
    "metrics_push_url": "http://pushgateway.example.com:9091",
    "log_format": "json",
    "least_free_gb": "5",
    "keep_days": "400",
    "reader_seconds": "300",
    "reader_connections": "60",
    "reader_temp_mb": "4096",
    "view_notice_days": "7",
    "archive_url": "s3://bucket/captures",
    "watchlist": "/srv/corpintel/watchlist.yaml",
    "postgres_bin": "/usr/lib/postgresql/18/bin",
    "sec_user_agent": "Example Corp data-team@example.com",
    "document_years": "2",
    "documents_a_night": "400",
    "document_workers": "2",
    "pdf_reader": "pdfplumber",
    "batch_rows": "1000000",
}
_SECRETS: Final = frozenset(
    {
        "database_url",
        "reader_password",
        "operator_password",
        "alert_webhook_url",
        "smtp_url",
        "heartbeat_url",
        "metrics_push_url",
    }
)
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


def _archive_in_home(validated: Mapping[str, Any]) -> str:
    return str(validated["home"] / "archive")


def _header_text(value: SecretStr | None) -> SecretStr | None:
    text = value.get_secret_value() if value is not None else ""
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be plain ASCII without spaces, since it is sent in a header")
    return value


def _http_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("must be an http:// or https:// address without query or fragment")
    return value.rstrip("/")


_ApiKey = Annotated[SecretStr | None, AfterValidator(_header_text)]
_BaseUrl = Annotated[str, AfterValidator(_http_url)]


class Service(Protocol):
    """What a source declares of its settings: usual addresses by setting, and perhaps a key."""

    @property
    def base_urls(self) -> Mapping[str, str]: ...

    @property
    def follows(self) -> Mapping[str, str]: ...

    @property
    def key(self) -> str | None: ...

    @property
    def key_example(self) -> str: ...


class Settings(BaseSettings):
    """Every setting of one process; an empty variable counts as unset, paths are absolute.

    Settings of sources come with the services that are handed to `load_settings`.
    """

    services: ClassVar[tuple[Service, ...]] = ()

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
    operator_password: SecretStr | None = None
    # How long a reader's statement may take, how many sessions a reader may have, and how many
    # megabytes of temporary files each.
    reader_seconds: int = Field(default=300, ge=1, le=86_400)
    reader_connections: int = Field(default=60, ge=1, le=1_000)
    reader_temp_mb: int = Field(default=4_096, ge=1, le=1_000_000)
    # How many days the owner of a view has before a publication drops it for a column that goes.
    view_notice_days: int = Field(default=7, ge=0, le=365)
    archive_url: Annotated[str, AfterValidator(_absolute_place)] = Field(
        default_factory=_archive_in_home
    )
    watchlist: Path | None = None
    postgres_bin: Path | None = None
    sec_user_agent: str | None = None
    # Whom alerts are told, who hears that a night ended well, and where metrics are left.
    alert_webhook_url: SecretStr | None = None
    alert_email: str | None = None
    smtp_url: SecretStr | None = None
    heartbeat_url: SecretStr | None = None
    metrics_file: Path | None = None
    metrics_push_url: SecretStr | None = None
    # Lines for people, or an object in each for what collects logs.
    log_format: Literal["text", "json"] = "text"
    # A night does not begin, and stops, where less than so many gigabytes are free.
    least_free_gb: float = Field(default=1.0, ge=0, le=100_000)
    # How many days the records of nights are kept that nothing later asks by.
    keep_days: int = Field(default=400, ge=1, le=36_500)
    # Documents of filings of so many years are read, so many a night, by so many processes.
    document_years: int = Field(default=2, ge=0, le=40)
    documents_a_night: int = Field(default=400, ge=0, le=100_000)
    document_workers: int = Field(default=2, ge=1, le=64)
    # Which reader is asked first for a PDF.
    pdf_reader: Literal["pdfium", "pdfplumber"] = "pdfium"
    # Companies are built together that have so many rows; with more, batches go side by side.
    batch_rows: int = Field(default=1_000_000, ge=1_000, le=100_000_000)

    @field_validator("alert_webhook_url", "heartbeat_url", "metrics_push_url")
    @classmethod
    def _http_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"https?://[^\s]+", value.get_secret_value()):
            raise ValueError("must be an http:// or https:// address")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"smtps?://[^\s/]+/?", value.get_secret_value()):
            raise ValueError("must be an smtp:// or smtps:// address of a mail server")
        return value

    @field_validator("alert_email")
    @classmethod
    def _mailbox(cls, value: str | None) -> str | None:
        if value is not None and not _CONTACT.fullmatch(value):
            raise ValueError("must be one e-mail address")
        return value

    @field_validator("home", "watchlist", "postgres_bin", "metrics_file")
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

    def secrets(self) -> list[str]:
        """Every secret that is set, so that it can be kept out of what is told."""
        values = (getattr(self, name) for name in type(self).model_fields)
        whole = [v.get_secret_value() for v in values if isinstance(v, SecretStr)]
        inside = [urlsplit(value).password for value in whole if "://" in value]
        return [*whole, *(unquote(password) for password in inside if password)]

    def base_urls(self) -> dict[str, str]:
        """The base address of every source, by the name of its setting."""
        return {name: getattr(self, name) for name in _usual_urls(self.services)}

    def operator_urls(self) -> list[str]:
        """Base addresses of sources that are not the usual ones: the operator means their hosts."""
        usual = _usual_urls(self.services)
        return [url for name, url in self.base_urls().items() if url != usual[name]]

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


def _usual_urls(services: Iterable[Service]) -> dict[str, str]:
    return {name: url for service in services for name, url in service.base_urls.items()}


def _following(leader: str, usual: str, usual_of_leader: str) -> Callable[[dict[str, Any]], str]:
    """A default for an address: where only the leader is set, its address."""

    def default(validated: dict[str, Any]) -> str:
        given: str = validated[leader]
        return usual if given == usual_of_leader else given

    return default


def _with_settings_of(services: Iterable[Service]) -> type[Settings]:
    """Settings that have the base addresses and keys of the services too."""
    fields: dict[str, Any] = {}
    known = tuple(services)
    for service in known:
        for name, usual in service.base_urls.items():
            leader = service.follows.get(name)
            fields[name] = (
                _BaseUrl,
                Field(default=usual)
                if leader is None
                else Field(default_factory=_following(leader, usual, service.base_urls[leader])),
            )
        if service.key is not None:
            fields[service.key] = (_ApiKey, None)
    model = create_model("Settings", __base__=Settings, **fields)
    model.services = known
    return model


def load_settings(services: Iterable[Service] = ()) -> Settings:
    """Read the environment; SettingsError has one line for each wrong variable.

    Variables of a source are read where its service is handed over: by what asks sources, or tells
    an operator about them.
    """
    model = _with_settings_of(services)
    try:
        return model()
    except ValidationError as error:
        lines = [
            _complaint(model, detail["loc"], detail["msg"])
            for detail in error.errors()
            # A default that hangs on a wrong variable; that one has its own line.
            if detail["type"] != "default_factory_not_called"
        ]
    # Raised outside the handler: pydantic's error holds the inputs, secrets among them.
    raise SettingsError("\n".join(lines))


def _complaint(model: type[Settings], location: tuple[int | str, ...], message: str) -> str:
    field = str(location[0])
    variable = PREFIX + field.upper()
    keys = {service.key: service.key_example for service in model.services if service.key}
    given = next((value for name, value in os.environ.items() if name.upper() == variable), "")
    is_secret = field in _SECRETS or field in keys
    shown = "(value hidden)" if is_secret else repr(without_login(given))
    what = message.removeprefix("Value error, ")
    example = (_EXAMPLES | _usual_urls(model.services) | keys).get(field, "")
    return f"{variable}: {shown} {what}; for example {example}"


def unknown_variables(services: Iterable[Service] = ()) -> list[str]:
    """One line for each variable CORPINTEL_* that nothing reads, with the closest known name."""
    fields = _with_settings_of(services).model_fields
    known = {PREFIX + field.upper() for field in fields} | READ_BY_TESTS
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
