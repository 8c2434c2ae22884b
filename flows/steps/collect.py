"""Collecting: each subject of a source is fetched, parsed and staged, with an outcome for each."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from connectors.errors import BadBodyError, NotFoundError, SourceError, StopSourceError
from connectors.http import Response
from connectors.records import UNMAPPED, Parsed
from flows.night.open import Night
from flows.sources.subject import Source, Subject
from flows.steps import gate
from flows.steps.progress import Advance
from warehouse.load import Load, abandon, open_load, record_rejects, stage_lines, stage_rows
from warehouse.ops import record_outcome
from warehouse.planner import last_row_counts

log = logging.getLogger(__name__)

# What a package holds at most, so that what a killed night loses and what a merge sorts is bounded.
PACKAGE_ROWS = 500_000
# Subjects that are asked beside others: how many at once, and how many wait for that.
_ASKED_APART = 4
_UNDER_WAY = 8


def collect(night: Night, source: Source, advance: Advance) -> Load:
    """Ask a source about all its subjects, stage what it answers, and return the last package.

    Packages before it, which a long source fills, are judged and merged on the way. What fails is
    an outcome row and never ends the night; after a StopSourceError the rest of the source's
    subjects are left alone.
    """
    packages = _Packages(night, source.name)
    reason = source.why_skipped(night)
    if reason is not None:
        _outcome(night, packages.open, "all subjects", "fetch", "skipped", reason)
        return packages.open
    try:
        return _collect_subjects(night, source, packages, advance)
    except BaseException:
        packages.abandon()
        raise


def _collect_subjects(
    night: Night, source: Source, packages: "_Packages", advance: Advance
) -> Load:
    was_asked = False
    before = _Before(night, source.name)
    waiting: deque[Future[bool]] = deque()

    def collect_with_what_follows(subject: Subject) -> bool:
        """Collect the subject and those that it leads to; whether the source may be asked more."""
        goes_on = _collect_subject(night, packages, subject, before) or source.has_many_hosts
        advance(1)
        if not goes_on:
            # Why nothing more arrived has been told.
            return False
        return all(map(collect_with_what_follows, subject.leads_to()))

    with ThreadPoolExecutor(_ASKED_APART, f"{source.name} apart") as apart:
        try:
            for subject in source.subjects(night):
                was_asked = True
                if subject.apart:
                    waiting.append(apart.submit(collect_with_what_follows, subject))
                    goes_on = len(waiting) <= _UNDER_WAY or waiting.popleft().result()
                else:
                    goes_on = collect_with_what_follows(subject)
                if not goes_on:
                    return packages.last()
            while waiting:
                if not waiting.popleft().result():
                    return packages.last()
        finally:
            apart.shutdown(wait=True, cancel_futures=True)
    for table in source.tables if was_asked and night.plan.replayed is None else ():
        if not packages.rows_of(table):
            _outcome(night, packages.open, table, "validate", "empty", "no row arrived")
    return packages.last()


class _Packages:
    """The packages of a source: one is filled while the full one before it is merged."""

    def __init__(self, night: Night, source: str) -> None:
        self._night = night
        self._source = source
        self._merging: Future[None] | None = None
        self._merger = ThreadPoolExecutor(1, f"{source} merge")
        self._staged: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.open = open_load(night.warehouse, night.run_id, source)

    def rows_of(self, table: str) -> int:
        """How many rows of that table were staged, in all packages."""
        return self._staged[table] + self.open.staged.get(table, 0)

    @contextmanager
    def filling(self) -> Iterator[Load]:
        """The open package, for one thread at a time: a subject's rows are in one package all."""
        with self._lock:
            yield self.open
            self._turn()

    def _turn(self) -> None:
        """Where the open package is full, have it merged, once the one before is, and open one."""
        if sum(self.open.staged.values()) < PACKAGE_ROWS:
            return
        self._wait()
        self._staged.update(self.open.staged)
        full = self.open
        gate.prepare()
        self.open = open_load(self._night.warehouse, self._night.run_id, self._source)
        self._merging = self._merger.submit(gate.load_one, self._night, full)

    def last(self) -> Load:
        """The open package, when the others are merged."""
        self._wait()
        self._merger.shutdown()
        return self.open

    def abandon(self) -> None:
        """Close the open package as failed; what is being merged ends as it may."""
        self._merger.shutdown(wait=True)
        abandon(self.open)

    def _wait(self) -> None:
        if self._merging is not None:
            self._merging.result()


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
        rows, before = parsed.count(subject.repeats), self._rows.get(subject.name, 0)
        if rows and 2 * rows >= before:
            return None
        return (
            f"{rows:,} rows of {subject.repeats} where the answer before had {before:,}: it is set "
            "aside; should it be right, corpintel rejected replay takes it"
        )


def _collect_subject(night: Night, packages: _Packages, subject: Subject, before: _Before) -> bool:
    """Fetch, read and stage one subject; False when the source is to be asked no more."""

    def tell(status: str, detail: str) -> None:
        with packages.filling() as load:
            _outcome(night, load, subject.name, "fetch", status, detail)

    try:
        responses = subject.fetch(night.client)
    except StopSourceError as error:
        tell("failed", str(error))
        return False
    except NotFoundError:
        tell("skipped", "the source does not have it")
        return True
    except SourceError as error:
        tell("failed", str(error))
        return True
    # An answer that is not wanted is read, too: what it says may lead to one that is.
    read = [(response, _read(subject, response)) for response in responses]
    with packages.filling() as load:
        _outcome(night, load, subject.name, "fetch", "ok", row_count=len(responses))
        for response, parsed in read:
            if _is_wanted(night, response):
                _take(night, load, subject, response, parsed, before)
    return True


def _is_wanted(night: Night, response: Response) -> bool:
    return night.plan.replayed is None or response.capture_id in night.plan.replayed


def _read(subject: Subject, response: Response) -> Parsed | Exception:
    """What the answer says, or why it cannot be read."""
    try:
        return subject.parse(response)
    except (SourceError, ValueError) as error:
        return error


def _take(
    night: Night,
    load: Load,
    subject: Subject,
    response: Response,
    parsed: Parsed | Exception,
    before: _Before,
) -> None:
    """Stage what was read, with an outcome; what cannot be read or be true is a dead letter."""

    def refuse(rule: str, why: str) -> None:
        key = {"request_key": response.capture.request_key, "sha256": response.capture.sha256}
        record_rejects(load, [(load.source, rule, why, key)], response.capture_id)
        _outcome(night, load, subject.name, "parse", "failed", why, 1)

    if isinstance(parsed, Exception):
        is_bad = isinstance(parsed, BadBodyError)
        refuse("unreadable_body" if is_bad else "refused_body", str(parsed))
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
    _outcome(night, load, subject.name, "parse", "ok", subject.edition, rows)


def _stage(load: Load, parsed: Parsed, response: Response) -> int:
    lineage = (response.capture_id, response.capture.fetched_at)
    rows = sum(
        stage_rows(load, table, records, *lineage)
        for table, records in parsed.rows.items()
        if records
    )
    return rows + sum(
        stage_lines(load, table, lines.text, lines.count, *lineage)
        for table, lines in parsed.lines.items()
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
        about = {"source": load.source, "subject": subject, "step": step}
        log.warning("%s %s: %s: %s", load.source, subject, step, detail, extra=about)
