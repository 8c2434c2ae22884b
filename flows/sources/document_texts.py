"""Reading in a night: kept documents that this release's reader has not read yet.

Nobody is asked: another reader reads what the archive holds, the newest first, so many a night.
Documents are read ahead, by processes side by side, and told one after another.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from connectors.archive import Capture
from connectors.documents.reader import running_reader
from connectors.documents.reading import Reading
from connectors.documents.rows import rows_of
from connectors.documents.sandbox import ReaderPool, reading_pool
from connectors.errors import SourceError
from connectors.http import HttpClient, Response
from connectors.records import Parsed
from flows.night.open import Night
from flows.sources.subject import Source, Subject
from warehouse.documents import UnreadDocument, count_unread, unread_documents
from warehouse.ops import record_outcome

# Documents under way for each process: one that is read, and one that waits with its bytes.
_AHEAD = 2


def _unread(night: Night) -> list[UnreadDocument]:
    return [
        *unread_documents(
            night.warehouse,
            running_reader().sha,
            night.settings.documents_a_night,
            night.plan.replayed,
        )
    ]


def _tell_waiting(night: Night, unread: list[UnreadDocument]) -> None:
    """Keep how many documents are left to later nights, where any is."""
    told = {(document.sha256, document.document_type) for document in unread}
    waiting = count_unread(night.warehouse, running_reader().sha) - len(told)
    if waiting:
        record_outcome(
            night.warehouse,
            night.run_id,
            SOURCE.name,
            "documents that wait",
            "parse",
            "skipped",
            f"not read by this release's reader yet: {waiting:,}, of which what an earlier reader "
            "told stays in force; the newest come first, "
            f"{night.settings.documents_a_night:,} a night (CORPINTEL_DOCUMENTS_A_NIGHT), or at "
            "once by corpintel documents update --read-only",
            waiting,
        )


def _subjects(night: Night) -> Iterator[Subject]:
    workers = night.settings.document_workers
    unread = _unread(night)
    if night.plan.replayed is None:
        _tell_waiting(night, unread)
    with reading_pool(workers) as pool:
        begun: deque[Subject] = deque()
        for document in unread:
            begun.append(_begin(night.client, pool, document))
            if len(begun) >= _AHEAD * workers:
                yield begun.popleft()
        yield from begun


def _begin(client: HttpClient, pool: ReaderPool, document: UnreadDocument) -> Subject:
    """Hand a document to a reader; what cannot be had is told when its turn comes."""
    name = f"{document.document_type or 'document'} {document.url}"
    capture = Capture(
        document.source,
        document.request_key,
        document.url,
        document.fetched_at,
        document.status,
        document.etag,
        document.last_modified,
        document.content_type,
        document.sha256,
        document.size,
    )
    try:
        response = client.recall(document.capture_id, capture)
    except SourceError as error:
        return Subject(name, _failing(error), lambda _response: Parsed())
    reading: Future[Reading] = pool.submit(response.body, document.document_type)
    return Subject(
        name,
        lambda _client: [response],
        lambda _response: rows_of(
            reading.result(), document.sha256, document.document_type, running_reader().sha
        ),
    )


def _failing(error: SourceError) -> Callable[[HttpClient], list[Response]]:
    def ask(_client: HttpClient) -> list[Response]:
        raise error

    return ask


SOURCE = Source(
    "document_texts", "readings", (), _subjects, lambda night: len(_unread(night)), is_bundled=True
)
