"""The text of a document: blocks in reading order, and where each stands in the whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

Kind = Literal["paragraph", "row", "line"]


class Block(NamedTuple):
    """A paragraph, a row of a table (its cells between bars), or a line of preformatted text.

    `is_strong` where all of it is printed bold; `page` counts from 1 and is None in HTML.
    """

    kind: Kind
    text: str
    is_strong: bool = False
    page: int | None = None


@dataclass(frozen=True)
class Text:
    """A document's text: its blocks, one to a line; `starts` are their offsets in characters."""

    blocks: tuple[Block, ...]
    starts: tuple[int, ...]

    @property
    def whole(self) -> str:
        """All of it."""
        return "\n".join(block.text for block in self.blocks)

    def __len__(self) -> int:
        return self.starts[-1] + len(self.blocks[-1].text) if self.blocks else 0


def make_text(blocks: Iterable[Block]) -> Text:
    """Number the blocks; those without a letter or digit are left out."""
    kept = tuple(block for block in blocks if any(map(str.isalnum, block.text)))
    ends = accumulate((len(block.text) + 1 for block in kept), initial=0)
    return Text(kept, tuple(ends)[: len(kept)])
