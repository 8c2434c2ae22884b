"""One small document of every kind that a source sends, from the modules of this folder.

Each comes with the shape that reads its rows and with where a row's fields stand in the document,
so that tests can change any field of any source. No figure in them is zero. A module declares its
EXAMPLES (PAGES where they are pages for people), their ADDRESSES, and the HANDLE by which the
watchlist knows the company at the source, where it needs one.
"""

import importlib
import pkgutil
import re
from itertools import chain

from connectors.service import services
from tests.sources.examples.example import DAY, KEY, Example

__all__ = ["DAY", "KEY", "Example"]

_MODULES = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in pkgutil.iter_modules(__path__)
]


def _declared(name: str) -> list[Example]:
    return list(chain.from_iterable(getattr(module, name, ()) for module in _MODULES))


EXAMPLES = _declared("EXAMPLES")
PAGES = _declared("PAGES")
BY_NAME = {example.name: example for example in [*EXAMPLES, *PAGES]}
# Which document a source's address means, by its path; each source has a base URL of its own.
_ADDRESSES: dict[str, str] = {}
for _module in _MODULES:
    _ADDRESSES |= getattr(_module, "ADDRESSES", {})


def answer(path: str) -> tuple[str, bytes]:
    """Content type and body for a path of any source; a crumb where one is asked for."""
    if "getcrumb" in path:
        return "text/plain", b"crumb"
    if "yahoo_cookie" in path:
        return "text/html", b"<html></html>"
    for pattern, name in _ADDRESSES.items():
        if re.search(pattern, path):
            return BY_NAME[name].content_type, BY_NAME[name].body
    raise KeyError(path)


_HANDLES = "".join(f",\n     {module.HANDLE}" for module in _MODULES if hasattr(module, "HANDLE"))
WATCHLIST = f"""
companies:
  - {{{{id: example, name: "Example Inc.", cik: 1, segment: k12, delivery_model: B2C,
     tickers: [{{{{symbol: EXM}}}}]{_HANDLES}}}}}
"""
KEYED = tuple(name.upper() for name, service in services().items() if service.key)
_URLS = tuple(
    setting.removesuffix("_url").upper()
    for service in services().values()
    for setting in service.base_urls
)


def variables(url: str, behaviours: dict[str, str] | None = None) -> dict[str, str]:
    """Environment of a live night on a scripted server; behaviours are good where none is given."""
    scripts = behaviours or {}
    bases = {
        f"CORPINTEL_{name}_URL": f"{url}/{scripts.get(name, 'ok')}/{name.lower()}" for name in _URLS
    }
    return bases | {"CORPINTEL_SEC_USER_AGENT": "Tests tests@example.com"}


def keys() -> dict[str, str]:
    """A key for every source that needs one."""
    return {f"CORPINTEL_{name}_API_KEY": KEY for name in KEYED}
