"""What our modules log of a run: shown with it in Prefect and, where wanted, as JSON lines."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from pythonjsonlogger.json import JsonFormatter

from warehouse.settings import Settings

OURS: Final = ("flows", "warehouse", "connectors", "expectations")
_SHORTEST_SECRET: Final = 4


class _OfRun(logging.Filter):
    """Gives each record the run, and takes out what is secret."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self.run_id: int | None = None
        # A secret of three letters would take parts out of words.
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = self.run_id
        told = record.getMessage()
        for secret in self._secrets:
            told = told.replace(secret, "***")
        record.msg, record.args = told, None
        return True


@contextmanager
def run_logs(settings: Settings) -> Iterator[_OfRun]:
    """Let our modules log from INFO on for the block; its run is set on what is yielded.

    With CORPINTEL_LOG_FORMAT=json a record is a line of JSON on standard error, with the run and,
    where it is about one, the source and subject.
    """
    of_run = _OfRun(settings.secrets())
    handler: logging.Handler = logging.NullHandler()
    if settings.log_format == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message", "run"],
                rename_fields={"levelname": "level", "name": "logger"},
                timestamp="at",
            )
        )
    handler.addFilter(of_run)
    loggers = [logging.getLogger(name) for name in OURS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    try:
        yield of_run
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
