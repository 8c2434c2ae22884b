"""Telling operators: alerts by webhook or e-mail, a beat at each good end, and metrics.

None of it fails a night: who cannot be told now is told the next time.
"""

import logging
import smtplib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx
from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, write_to_textfile

from connectors.service import limits
from flows.night.telemetry import send_measures
from flows.steps.transform import PROJECT
from warehouse.alerts import Alert, Rule, note_told, read_rules, review
from warehouse.db import Warehouse, has_table
from warehouse.measures import MEASURES, Measure, keep_measures, measure
from warehouse.retention import forget
from warehouse.settings import Settings

log = logging.getLogger(__name__)

RULES: Final = PROJECT / "seeds" / "alert_rules.csv"
RUNBOOK: Final = "docs/runbook.md"
SECONDS: Final = 10.0


def watch(settings: Settings, warehouse: Warehouse, run_id: int | None = None) -> list[Alert]:
    """Measure, keep it with the run, raise, clear and tell alerts; return those that stand."""
    with warehouse.engine.connect() as connection:
        if not has_table(connection, "ops.alerts"):
            return []
    measures = measure(warehouse, settings.home, limits())
    if run_id is not None:
        keep_measures(warehouse, run_id, measures)
    leave_metrics(settings, measures)
    send_measures(measures)
    rules = {rule.alert: rule for rule in read_rules(RULES)}
    standing, cleared = review(warehouse, list(rules.values()), measures)
    for alert in standing:
        rule = rules.get(alert.alert)
        if alert.told_at is None and rule is not None:
            failure = tell(settings, rule, message(rule, alert))
            note_told(warehouse, alert, failure)
    for alert in cleared:
        rule = rules.get(alert.alert)
        # Whoever never heard of it need not hear of its end.
        if alert.told_at is not None and rule is not None:
            tell(settings, rule, message(rule, alert))
    return standing


def look_after(settings: Settings, warehouse: Warehouse, run_id: int) -> None:
    """Watch at the end of a run and forget what is old; the run is what it is all the same."""
    try:
        watch(settings, warehouse, run_id)
        forget(warehouse, settings.keep_days)
    except Exception:
        log.warning("alerts, metrics and old records could not be looked after", exc_info=True)


def message(rule: Rule, alert: Alert) -> dict[str, Any]:
    """What is told of an alert; `text` alone is enough for people."""
    state = "raised" if alert.cleared_at is None else "cleared"
    said = f"{alert.alert}{alert.about}: {rule.measure} is {alert.value:g}"
    text = (
        f"{said}, beyond {rule.threshold:g}. {rule.what_to_do}."
        if state == "raised"
        else f"{alert.alert}{alert.about} is over."
    )
    return {
        "text": f"corpintel: {text}",
        "alert": alert.alert,
        "state": state,
        "scope": alert.scope,
        "subject": alert.subject,
        "measure": rule.measure,
        "value": alert.value,
        "threshold": rule.threshold,
        "raised_at": alert.raised_at.isoformat(),
        "runbook": f"{RUNBOOK}#{alert.alert}",
    }


def tell(settings: Settings, rule: Rule, told: Mapping[str, Any]) -> str | None:
    """Send it by the rule's channel; why that failed, or None. Without any channel it is logged."""
    ways = {"webhook": _by_webhook, "email": _by_email}
    chosen = [way for name, way in ways.items() if rule.channel in (name, "all")]
    log.warning("%s", told["text"])
    failures = []
    for way in chosen:
        try:
            way(settings, told)
        except (httpx.HTTPError, OSError, smtplib.SMTPException) as error:
            # What an address carries, a token say, is not told on.
            failures.append(f"{way.__name__.removeprefix('_by_')}: {type(error).__name__}")
    for failure in failures:
        log.warning("an alert could not be told by %s", failure)
    return "; ".join(failures) or None


def _by_webhook(settings: Settings, told: Mapping[str, Any]) -> None:
    if settings.alert_webhook_url is None:
        return
    address = settings.alert_webhook_url.get_secret_value()
    httpx.post(address, json=dict(told), timeout=SECONDS).raise_for_status()


def _by_email(settings: Settings, told: Mapping[str, Any]) -> None:
    if settings.alert_email is None or settings.smtp_url is None:
        return
    server = urlsplit(settings.smtp_url.get_secret_value())
    mail = EmailMessage()
    mail["From"] = mail["To"] = settings.alert_email
    mail["Subject"] = f"corpintel: {told['alert']} {told['state']}"
    mail.set_content("\n".join(f"{name}: {value}" for name, value in told.items()))
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with kind(server.hostname or "", server.port or 0, timeout=SECONDS) as sender:
        if server.username and server.password:
            if server.scheme == "smtp":
                sender.starttls()
            sender.login(unquote(server.username), unquote(server.password))
        sender.send_message(mail)


def beat(settings: Settings) -> None:
    """Ask the heartbeat's address at a good end: where the host is dead, nobody does."""
    if settings.heartbeat_url is None:
        return
    try:
        address = settings.heartbeat_url.get_secret_value()
        httpx.get(address, timeout=SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        log.warning("the heartbeat's address did not take the beat: %s", type(error).__name__)


def leave_metrics(settings: Settings, measures: Sequence[Measure]) -> None:
    """Write the measures where Prometheus finds them: a textfile, a push gateway, both, neither."""
    if settings.metrics_file is None and settings.metrics_push_url is None:
        return
    registry = metrics(measures)
    try:
        if settings.metrics_file is not None:
            settings.metrics_file.parent.mkdir(parents=True, exist_ok=True)
            write_to_textfile(str(settings.metrics_file), registry)
        if settings.metrics_push_url is not None:
            address = settings.metrics_push_url.get_secret_value()
            push_to_gateway(address, job="corpintel", registry=registry, timeout=SECONDS)
    except OSError as error:
        log.warning("metrics could not be left: %s", error)


def metrics(measures: Sequence[Measure]) -> CollectorRegistry:
    """Each measure as a gauge, with the source or company that it is of as its label."""
    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for one in measures:
        labels = () if one.scope == "run" else (one.scope,)
        if one.name not in gauges:
            gauges[one.name] = Gauge(
                f"corpintel_{one.name}", MEASURES[one.name], labels, registry=registry
            )
        gauge = gauges[one.name]
        (gauge.labels(one.subject) if labels else gauge).set(one.value)
    return registry
