"""The gate: staged batches are judged by their suites, then merged into raw or refused."""

import functools
import logging
import threading
from dataclasses import asdict

from expectations.gate import SuiteError, open_gate, validate
from expectations.rules import Rule
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


# The library is imported once a process, which takes seconds, and used by one thread at a time.
_judging = threading.Lock()
_gate = functools.cache(open_gate)


def prepare() -> None:
    """Import the library, before other threads import parts of what it uses."""
    with _judging:
        _gate()


def load_all(night: Night, loads: list[Load]) -> None:
    """Judge and merge each package; one that is refused leaves raw as it was, and is told."""
    try:
        for load in loads:
            load_one(night, load)
    finally:
        for load in loads:
            abandon(load)  # does nothing to a package that was merged
    analyze_raw(night.owner)


def load_one(night: Night, load: Load) -> None:
    """Judge and merge a package; where it is refused raw stays as it was, and that is told."""
    try:
        broken = _judge(night, load)
        # Dead letters are expected to be bad: those that pass are wanted however few they are.
        share = MAX_REJECTED_SHARE if night.plan.replayed is None else 1.0
        result = merge(load, broken, night.writer.hold, share)
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
    new = sum(result.new.values())
    log.info(
        "%s: %s new rows of %s", load.source, new, result.staged, extra={"source": load.source}
    )


def _judge(night: Night, load: Load) -> dict[str, list[Rule]]:
    """The rules that rows of the package break, by table, all of which are kept as verdicts."""
    found = {}
    for table in sorted(load.staged):
        with _judging:
            verdicts = validate(
                _gate(), night.warehouse.url, load.stage_table(table), table, SUITES[table]
            )
        results = [asdict(verdict) for verdict in verdicts]
        for result in results:
            del result["is_row_rule"]
        record_validation(night.warehouse, load.load_id, results)
        failed = [verdict for verdict in verdicts if not verdict.is_success]
        whole = [verdict.rule for verdict in failed if not verdict.is_row_rule]
        if whole:
            raise LoadRefusedError(
                f"{load.source}: {table} breaks {', '.join(whole)}; the package is refused whole"
            )
        names = {verdict.rule for verdict in failed}
        found[table] = [rule for rule in SUITES[table] if rule.name in names]
    return found


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
