"""How each source is asked during a night: which subjects, and what parses their answers.

The sources are the modules of this folder that declare a SOURCE.
"""

import importlib
import pkgutil
from collections.abc import Iterator

from flows.sources.subject import Part, Source


def _declared() -> Iterator[Source]:
    for module in pkgutil.iter_modules(__path__):
        source = getattr(importlib.import_module(f"{__name__}.{module.name}"), "SOURCE", None)
        if isinstance(source, Source):
            yield source


SOURCES: dict[str, Source] = {source.name: source for source in _declared()}


def _of(part: Part) -> tuple[str, ...]:
    return tuple(source.name for source in SOURCES.values() if source.part == part)


FILING_SOURCES = _of("filings")
MARKET_SOURCES = _of("market")
ALTERNATIVE_SOURCES = _of("alternative")
DOCUMENT_SOURCES = _of("documents")
READING_SOURCES = _of("readings")
# Each wave is loaded before the next begins: filings lead to documents, and these to their texts.
WAVES = (
    (*FILING_SOURCES, *MARKET_SOURCES, *ALTERNATIVE_SOURCES),
    DOCUMENT_SOURCES,
    READING_SOURCES,
)
