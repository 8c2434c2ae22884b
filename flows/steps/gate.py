"""The gate: staged batches are judged by their suites, then merged into raw or refused."""

import logging
from dataclasses import asdict

from expectations.gate import SuiteError, open_gate, validate
from expectations.suites import suite_of
from flows.night.open import Night
from warehouse.load import (
    MAX_REJECTED_SHARE,
    Load,
    LoadRefusedError,
    abandon,
    analyze_raw,
    merge,
)
from warehouse.ops import record_outcome, record_validation
from warehouse.tables import SOURCE_TABLES

log = logging.getLogger(__name__)

# What a batch of each raw table must satisfy, by the table's declaration.
SUITES = {name: suite_of(table) for name, table in SOURCE_TABLES.items()}


def load_all(night: Night, loads: list[Load]) -> None:
    """Judge and merge each package; one that is refused leaves raw as it was, and is told."""
    context = open_gate()
    try:
        for load in loads:
            _load_one(night, load, context)
    finally:
        for load in loads:
            abandon(load)  # does nothing to a package that was merged
    analyze_raw(night.owner)


def _load_one(night: Night, load: Load, context: object) -> None:
    try:
        _judge(night, load, context)
        # Dead letters are expected to be bad: those that pass are wanted however few they are.
        share = MAX_REJECTED_SHARE if night.plan.replayed is None else 1.0
        result = merge(load, SUITES, night.writer.hold, share)
    except (SuiteError, LoadRefusedError) as error:
        abandon(load)
        _outcome(night, load, "failed", str(error))
        log.warning("%s", error)
        return
    for table, subjects in result.refused.items():
        for subject in subjects:
            _outcome(
                night,
                load,
                "failed",
                f"most of its rows of {table} break a rule, so none of them are merged",
                subject=subject,
            )
    _outcome(night, load, "ok", None, sum(result.new.values()))
    log.info("%s: %s new rows of %s", load.source, sum(result.new.values()), result.staged)


def _judge(night: Night, load: Load, context: object) -> None:
    for table in sorted(load.staged):
        verdicts = validate(
            context,  # type: ignore[arg-type]
            night.warehouse.url,
            load.stage_table(table),
            table,
            SUITES[table],
        )
        results = [asdict(verdict) for verdict in verdicts]
        for result in results:
            del result["is_row_rule"]
        record_validation(night.warehouse, load.load_id, results)
        broken = [v.rule for v in verdicts if not v.is_success and not v.is_row_rule]
        if broken:
            raise LoadRefusedError(
                f"{load.source}: {table} breaks {', '.join(broken)}; the package is refused whole"
            )


def _outcome(
    night: Night,
    load: Load,
    status: str,
    detail: str | None,
    rows: int | None = None,
    subject: str = "package",
) -> None:
    record_outcome(
        night.warehouse,
        night.run_id,
        load.source,
        subject,
        "load",
        status,
        detail,
        rows,
        load.load_id,
    )
