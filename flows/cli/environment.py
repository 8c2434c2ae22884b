"""What Prefect, dbt and Great Expectations must find in the environment at their import."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.night.logs import OURS


def prepare(home: Path) -> None:
    """Set quiet, complete and private defaults; what the user set stays."""
    defaults = {
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PREFECT_HOME": str(home / "prefect"),
        # Said outright, or each reading of Prefect's settings searches four files for it.
        "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # At its defaults an ephemeral server that stops early loses task records.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "500",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "500",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        # The commands tell of failures themselves, in one line; a server still gets the whole log.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        # What our own modules tell of a run is shown with the run.
        "PREFECT_LOGGING_EXTRA_LOGGERS": ",".join(OURS),
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_CLI_PROMPT": "false",
        # A killed night cannot give its semaphores back; what tracks them would say so at the end.
        "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


@contextmanager
def shown_flow() -> Iterator[None]:
    """Run a flow in the block: its progress is shown, and Prefect's server ends with us."""
    from flows.night.prefect_server import keep_server_with_us
    from flows.steps.progress import shown_progress

    keep_server_with_us()
    with shown_progress():
        yield
