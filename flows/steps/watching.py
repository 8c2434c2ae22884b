"""Looking around between nights: what is late or wrong, and who keeps the server busy."""

import logging

from connectors.service import services
from flows.steps.alerting import watch
from warehouse.db import open_warehouse
from warehouse.settings import load_settings
from warehouse.watchdog import end_long_statements

log = logging.getLogger(__name__)


def look_around() -> list[str]:
    """Return the alerts that stand."""
    settings = load_settings(services().values())
    with open_warehouse(settings) as warehouse:
        if warehouse.operator_password is not None:
            for ended in end_long_statements(warehouse):
                log.warning(
                    "ended a statement of %s after %.0f s: %s",
                    ended.role,
                    ended.seconds,
                    ended.statement,
                )
        return [f"{alert.alert}{alert.about}" for alert in watch(settings, warehouse)]
