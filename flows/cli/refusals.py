"""Which errors a command prints as one line: wrong requests, and nights that failed."""

from connectors.archive import ArchiveUrlError
from flows.night.bad_request import BadRequestError
from flows.night.space import NoSpaceError
from flows.steps.transform import MartsFailedError
from warehouse.access.logins import LoginError
from warehouse.db import WarehouseError
from warehouse.load import LoadRefusedError
from warehouse.publishing.errors import PublishRefusedError
from warehouse.read.errors import QuestionError
from warehouse.settings import SettingsError
from warehouse.watchlist import WatchlistError
from warehouse.writer import NightRefusedError


def refusals() -> tuple[type[Exception], ...]:
    """A wrong request or setting: exit code 2."""
    return (
        ArchiveUrlError,
        BadRequestError,
        QuestionError,
        SettingsError,
        WatchlistError,
        NightRefusedError,
        WarehouseError,
        LoginError,
    )


def failures() -> tuple[type[Exception], ...]:
    """A night that could not be published: exit code 1."""
    return (MartsFailedError, LoadRefusedError, PublishRefusedError, NoSpaceError)
