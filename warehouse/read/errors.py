"""Questions that cannot be answered as they were put: each message says what to ask instead."""

import difflib
from collections.abc import Sequence

SHOWN_NAMES = 40


class QuestionError(ValueError):
    """A question that names what is not there; the message has the value and the cure."""


class NothingPublishedError(QuestionError):
    """The warehouse has no publication, or one of a version without the mart that was asked."""


class ReaderRefusedError(QuestionError):
    """The role of readers cannot connect."""


class UnknownCompanyError(QuestionError):
    """Nothing in the warehouse has this ticker, CIK or company_id."""


class UnknownLineError(QuestionError):
    """No statement of ours has this line."""


class UnknownPeriodError(QuestionError):
    """The period is not written as a period, or the company owes nothing for it."""


def nearest(given: str, known: Sequence[str]) -> str:
    """The names that look like the one given, or those that there are."""
    close = difflib.get_close_matches(given, known, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    more = len(known) - SHOWN_NAMES
    listed = ", ".join(known[:SHOWN_NAMES])
    return f"known: {listed or 'none'}{f' and {more:,} more' if more > 0 else ''}"
