"""What our modules log of a run: shown with it in Prefect and, where wanted, as JSON lines."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from pythonjsonlogger.json import JsonFormatter

from warehouse.settings import Settings

OURS: Final = ("flows", "warehouse", "connectors", "expectations")
_SHORTEST_SECRET: Final = 4
_EXCEPTION: Final = logging.Formatter()


def redaction(secrets: Sequence[str]) -> Callable[[str], str]:
    """What takes these secrets out of a text."""
    # A secret of three letters would take parts out of words.
    hidden = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]

    def redacted(said: str) -> str:
        for secret in hidden:
            said = said.replace(secret, "***")
        return said

    return redacted


class _OfRun(logging.Filter):
    """Gives each record the run, and takes out what is secret, of its exception too."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self.run_id: int | None = None
        self._told = redaction(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = self.run_id
        record.msg, record.args = self._told(record.getMessage()), None
        if record.exc_info:
            record.exc_text = self._told(_EXCEPTION.formatException(record.exc_info))
            record.exc_info = None
        return True


@contextmanager
def run_logs(settings: Settings) -> Iterator[_OfRun]:
    """Let our modules log from INFO on for the block; its run is set on what is yielded.

    With CORPINTEL_LOG_FORMAT=json a record is a line of JSON on standard error, with the run and,
    where it is about one, the source and subject. Whoever else takes our records, Prefect say, gets
    them without secrets as well.
    """
    of_run = _OfRun(settings.secrets())
    loggers = [logging.getLogger(name) for name in OURS]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    written: list[logging.Handler] = []
    if settings.log_format == "json":
        lines = logging.StreamHandler(sys.stderr)
        lines.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message", "run"],
                rename_fields={"levelname": "level", "name": "logger"},
                timestamp="at",
            )
        )
        written = [lines]
    for handler in (*handlers, *written):
        handler.addFilter(of_run)
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        for handler in written:
            logger.addHandler(handler)
    try:
        yield of_run
    finally:
        for handler in (*handlers, *written):
            handler.removeFilter(of_run)
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
            for handler in written:
                logger.removeHandler(handler)
