"""Traces and measures for OpenTelemetry, by its standard variables; without an endpoint, nothing.

Prefect makes the spans, one for each flow and task: here they get somewhere to go.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from connectors.service import services
from flows.night.logs import redaction
from warehouse.measures import MEASURES, Measure
from warehouse.settings import load_settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SERVICE: Final = "corpintel"


def wanted(signal: str) -> bool:
    """Whether `traces` or `metrics` are to be sent, as OpenTelemetry's own variables say it."""
    ask = os.environ.get
    return (
        bool(
            ask("OTEL_EXPORTER_OTLP_ENDPOINT")
            or ask(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT")
        )
        and ask("OTEL_SDK_DISABLED", "").lower() != "true"
        and ask(f"OTEL_{signal.upper()}_EXPORTER", "otlp") == "otlp"
    )


@cache
def send_traces() -> None:
    """Send the spans of this process, without secrets; once, and only where it is wanted.

    Called where flows are imported: Prefect begins a run's span before the flow's body runs.
    """
    if not wanted("traces"):
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

    redacted = redaction(load_settings(services().values()).secrets())

    class Sent(OTLPSpanExporter):
        def export(self, spans: Sequence["ReadableSpan"]) -> SpanExportResult:
            return super().export([_as_sent(span, redacted) for span in spans])

    os.environ.setdefault("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Sent()))
    trace.set_tracer_provider(provider)


def send_measures(measures: Sequence[Measure]) -> None:
    """Send each measure as a gauge, with the source or company that it is of; where wanted."""
    if not wanted("metrics"):
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    os.environ.setdefault("OTEL_SERVICE_NAME", SERVICE)
    provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    meter = provider.get_meter(SERVICE)
    gauges = {
        name: meter.create_gauge(f"corpintel.{name}", description=MEASURES[name])
        for name in {one.name for one in measures}
    }
    for one in measures:
        gauges[one.name].set(one.value, {one.scope: one.subject} if one.subject else {})
    # Sends what was set, once.
    provider.shutdown()


def _as_sent(span: "ReadableSpan", redacted: Callable[[str], str]) -> "ReadableSpan":
    """The same span without secrets, which errors in its events may have, and with its true end.

    A task that returns a failed state, and raises nothing, is a good one to Prefect.
    """
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Status, StatusCode

    def told(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
        return {
            name: redacted(value) if isinstance(value, str) else value
            for name, value in (attributes or {}).items()
        }

    code, said = span.status.status_code, span.status.description
    last = told(span.events[-1].attributes) if span.events else {}
    if last.get("prefect.state.type") == "FAILED":
        code, said = StatusCode.ERROR, last["prefect.state.message"]
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=told(span.attributes),
        events=[Event(one.name, told(one.attributes), one.timestamp) for one in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(code, redacted(said) if said else None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
