"""Collecting: each subject of a source is fetched, parsed and staged, with an outcome for each."""

import gc
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from connectors.errors import BadBodyError, NotFoundError, SourceError, StopSourceError
from connectors.http import Response
from connectors.records import UNMAPPED, Parsed
from flows.night.open import Night
from flows.sources.subject import Source, Subject
from flows.steps.progress import Advance
from warehouse.load import Load, abandon, open_load, record_rejects, stage_rows
from warehouse.ops import record_outcome
from warehouse.planner import last_row_counts

log = logging.getLogger(__name__)

# Parsed rows hold no circles, and Python would look for some after every few thousand: with that,
# parsing takes nearly twice as long.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


def collect(night: Night, source: Source, advance: Advance) -> Load:
    """Ask a source about all its subjects and stage what it answers.

    What fails is an outcome row and never ends the night; after a StopSourceError the rest of the
    source's subjects are left alone.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    load = open_load(night.warehouse, night.run_id, source.name)
    reason = source.why_skipped(night)
    if reason is not None:
        _outcome(night, load, "all subjects", "fetch", "skipped", reason)
        return load
    was_asked = False
    before = _Before(night, source.name)
    try:
        for subject in source.subjects(night):
            was_asked = True
            goes_on = _collect_subject(night, load, subject, before)
            advance(1)
            if not goes_on and not source.has_many_hosts:
                # Why nothing more arrived has been told.
                return load
        for table in source.tables if was_asked and night.plan.replayed is None else ():
            if not load.staged.get(table):
                _outcome(night, load, table, "validate", "empty", "no row arrived")
    except BaseException:
        abandon(load)
        raise
    return load


@dataclass
class _Before:
    """What each subject of a source brought before; read where a subject asks for it."""

    night: Night
    source: str

    @cached_property
    def _rows(self) -> dict[str, int]:
        return last_row_counts(self.night.warehouse, self.source)

    def doubt(self, subject: Subject, parsed: Parsed) -> str | None:
        """Why the answer cannot be all that the source has; None where it can.

        Who replays an answer has looked at it.
        """
        if subject.repeats is None or self.night.plan.replayed is not None:
            return None
        rows, before = len(parsed.rows[subject.repeats]), self._rows.get(subject.name, 0)
        if rows and 2 * rows >= before:
            return None
        return (
            f"{rows:,} rows of {subject.repeats} where the answer before had {before:,}: it is set "
            "aside; should it be right, corpintel rejected replay takes it"
        )


def _collect_subject(night: Night, load: Load, subject: Subject, before: _Before) -> bool:
    """Fetch, parse and stage one subject; False when the source is to be asked no more."""
    try:
        responses = subject.fetch(night.client)
    except StopSourceError as error:
        _outcome(night, load, subject.name, "fetch", "failed", str(error))
        return False
    except NotFoundError:
        _outcome(night, load, subject.name, "fetch", "skipped", "the source does not have it")
        return True
    except SourceError as error:
        _outcome(night, load, subject.name, "fetch", "failed", str(error))
        return True
    _outcome(night, load, subject.name, "fetch", "ok", row_count=len(responses))
    for response in responses:
        if _is_wanted(night, response):
            _parse_and_stage(night, load, subject, response, before)
        else:
            # What it says may lead to what is wanted.
            with suppress(SourceError, ValueError):
                subject.parse(response)
    return True


def _is_wanted(night: Night, response: Response) -> bool:
    return night.plan.replayed is None or response.capture_id in night.plan.replayed


def _parse_and_stage(
    night: Night, load: Load, subject: Subject, response: Response, before: _Before
) -> None:
    def refuse(rule: str, why: str) -> None:
        key = {"request_key": response.capture.request_key, "sha256": response.capture.sha256}
        record_rejects(load, [(load.source, rule, why, key)], response.capture_id)
        _outcome(night, load, subject.name, "parse", "failed", why, 1)

    try:
        parsed = subject.parse(response)
    except (SourceError, ValueError) as error:
        refuse("unreadable_body" if isinstance(error, BadBodyError) else "refused_body", str(error))
        return
    doubt = before.doubt(subject, parsed)
    if doubt is not None:
        refuse("short_answer", doubt)
        return
    load.captures.add(response.capture_id)
    rows = _stage(load, parsed, response)
    if parsed.rejects:
        record_rejects(
            load,
            [(bad.table, bad.rule, bad.detail, bad.row) for bad in parsed.rejects],
            response.capture_id,
        )
        first = parsed.rejects[0]
        _outcome(
            night,
            load,
            subject.name,
            "parse",
            "failed",
            f"{len(parsed.rejects)} rows set aside, the first: {first.rule}: {first.detail}",
            len(parsed.rejects),
        )
    new_fields = parsed.rows.get(UNMAPPED)
    if new_fields:
        named = sorted({f"{row[0]}.{row[2]}" for row in new_fields})
        more = f" and {len(named) - 5} more" if len(named) > 5 else ""
        detail = f"new fields, kept in raw.unmapped_fields: {', '.join(named[:5])}{more}"
        _outcome(night, load, subject.name, "parse", "drift", detail, len(new_fields))
    _outcome(night, load, subject.name, "parse", "ok", row_count=rows)


def _stage(load: Load, parsed: Parsed, response: Response) -> int:
    fetched_at = response.capture.fetched_at
    return sum(
        stage_rows(load, table, records, response.capture_id, fetched_at)
        for table, records in parsed.rows.items()
        if records
    )


def _outcome(
    night: Night,
    load: Load,
    subject: str,
    step: str,
    status: str,
    detail: str | None = None,
    row_count: int | None = None,
) -> None:
    record_outcome(
        night.warehouse,
        night.run_id,
        load.source,
        subject,
        step,
        status,
        detail,
        row_count,
        # Without its load an outcome counts for nothing when the next night is planned: a source
        # that was not asked has not answered.
        load.load_id if night.plan.replayed is None else None,
    )
    if status == "failed":
        log.warning("%s %s: %s: %s", load.source, subject, step, detail)
