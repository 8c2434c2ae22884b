"""What can go wrong at a source, as classes named for what the caller should do about it."""


class SourceError(Exception):
    """A source could not be read; the text says what was wrong, the value and the cure."""

    def __init__(self, source: str, what: str, value: str, cure: str) -> None:
        # All four go to args: an exception crosses process borders pickled by its args.
        super().__init__(source, what, value, cure)
        self.source = source
        self.what = what
        self.value = value
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.what}: {self.value}; {self.cure}"


class RetryableError(SourceError):
    """Ask again later: the source was busy, limited or out of reach for a moment.

    `retry_after` is how many seconds the source asked for, where it said so.
    """

    def __init__(
        self, source: str, what: str, value: str, cure: str, retry_after: float | None = None
    ) -> None:
        super().__init__(source, what, value, cure)
        self.args = (*self.args, retry_after)
        self.retry_after = retry_after


class SkipError(SourceError):
    """Leave this item out tonight and go on with the next one of the same source."""


class NotFoundError(SkipError):
    """The source has no such document."""


class BadBodyError(SkipError):
    """The document arrived but is not what its address promises."""


class TooLargeError(BadBodyError):
    """The document is larger than any true one."""


class ArchiveError(SkipError):
    """A kept body cannot be given back."""


class MissingBodyError(ArchiveError):
    """The archive holds no body of that hash."""


class CorruptBodyError(ArchiveError):
    """The archive's copy does not have the hash that names it."""


class StopSourceError(SourceError):
    """Leave this source alone for tonight: it refused us or is out of reach.

    `pause` is for how many seconds nobody else should ask its host either.
    """

    def __init__(self, source: str, what: str, value: str, cure: str, pause: float = 0.0) -> None:
        super().__init__(source, what, value, cure)
        self.args = (*self.args, pause)
        self.pause = pause


class RefusedError(StopSourceError):
    """The source refused our key or our way of asking; another try would be refused too."""


class BreakerOpenError(StopSourceError):
    """The host failed or refused before, and is left alone for now."""


class QuotaSpentError(StopSourceError):
    """What the source allows for the day is used up."""
