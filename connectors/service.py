"""A service: whom a connector asks, at which addresses, with which key and within which limits."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import connectors

SECOND: Final = 1.0
MINUTE: Final = 60.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0


@dataclass(frozen=True)
class Limit:
    """At most `units` in any window of `seconds`."""

    units: int
    seconds: float


@dataclass(frozen=True)
class Service:
    """What a connector's package declares of the service that it asks.

    `base_urls` has the usual address by the name of its setting, `newsapi_url` for the variable
    CORPINTEL_NEWSAPI_URL; a service whose hosts stand in the watchlist has none. An address that
    `follows` another goes with it where only that one is set: a proxy is asked for both. `key` is
    the setting of the API key, without which the service is not asked.
    """

    name: str
    limits: tuple[Limit, ...]
    base_urls: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    key_example: str = ""


@cache
def services() -> dict[str, Service]:
    """Every service by its name: what the packages of the connectors declare as SERVICE."""
    packages = [module.name for module in pkgutil.iter_modules(connectors.__path__) if module.ispkg]
    found: dict[str, Service] = {}
    for name in packages:
        declared = getattr(importlib.import_module(f"connectors.{name}"), "SERVICE", None)
        if declared is not None:
            found[declared.name] = declared
    return found


def limits() -> dict[str, tuple[Limit, ...]]:
    """The limits of every service, by its name."""
    return {name: service.limits for name, service in services().items()}
