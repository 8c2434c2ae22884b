"""A sentence as marks between words: what it names is told apart from how it is said.

"Revenue grew 34% to $209.6M" becomes "M0 grew A0 to A1": the ways in which values are stated are
few, and patterns over marks say them once for every metric, amount and period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.documents.amounts import Amount, find_amounts
from connectors.documents.metrics import Named, find_metrics
from connectors.documents.periods import Calendar, Mention, find_periods

# Nobody states a figure in a longer one; patterns over marks take time with the square of it.
_LONGEST_SENTENCE: Final = 2_000
# Characters for private use, which no text has: a metric, an amount, a period, the end of a mark.
M: Final = "\ue001"
A: Final = "\ue002"
P: Final = "\ue003"
END: Final = "\ue004"


@dataclass(frozen=True)
class Marked:
    """A sentence, its finds in their order, and the sentence with a numbered mark for each.

    `places` says where each mark, by its kind and number, begins and ends in `marked`.
    """

    text: str
    marked: str
    places: dict[tuple[str, int], tuple[int, int]]
    metrics: Sequence[Named]
    amounts: Sequence[Amount]
    mentions: Sequence[Mention]


def mark(sentence: str, known: Calendar) -> Marked | None:
    """Mark a sentence; None for one that names no metric or no amount, or has no end."""
    if len(sentence) > _LONGEST_SENTENCE:
        return None
    metrics = find_metrics(sentence)
    if not metrics:
        return None
    mentions = find_periods(sentence, known)
    taken = [(mention.start, mention.end) for mention in mentions]
    taken += [(named.start, named.end) for named in metrics]
    amounts = [
        amount
        for amount in find_amounts(sentence)
        if not any(start < amount.end and amount.start < end for start, end in taken)
    ]
    if not amounts:
        return None
    spans = sorted(
        [(named.start, named.end, M, number) for number, named in enumerate(metrics)]
        + [(amount.start, amount.end, A, number) for number, amount in enumerate(amounts)]
        + [(mention.start, mention.end, P, number) for number, mention in enumerate(mentions)]
    )
    pieces: list[str] = []
    places: dict[tuple[str, int], tuple[int, int]] = {}
    at = length = 0
    for start, end, kind, number in spans:
        if start < at:
            continue
        token = f"{kind}{number}{END}"
        pieces += [sentence[at:start], token]
        length += start - at + len(token)
        places[kind, number] = (length - len(token), length)
        at = end
    pieces.append(sentence[at:])
    return Marked(sentence, "".join(pieces), places, metrics, amounts, mentions)
