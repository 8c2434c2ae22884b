"""The errors that mean a wrong request or setting: one line, exit code 2, no traceback."""

from flows.steps.night import BadRequestError
from warehouse.db import WarehouseError
from warehouse.ops import NightRefusedError
from warehouse.settings import SettingsError
from warehouse.watchlist import WatchlistError


def refusals() -> tuple[type[Exception], ...]:
    """The exceptions that a command prints as one line."""
    return (BadRequestError, SettingsError, WatchlistError, NightRefusedError, WarehouseError)
