"""Lanes: several builders work on batches of their own, each in tables of its own."""

import re
from dataclasses import dataclass

_RELATION = re.compile(r'("?)\b(staging|intermediate|build)\1\.("?)(\w+)\3')


@dataclass(frozen=True)
class Lane:
    """A builder's number, from 1, and the models that it makes for its batch alone.

    The first lane has the schemas' plain names; what is made once for all lanes is there, too.
    """

    number: int = 1
    own: frozenset[str] = frozenset()

    def schema(self, name: str) -> str:
        """The lane's schema of that name."""
        return name if self.number == 1 else f"{name}_{self.number}"

    def translate(self, query: str) -> str:
        """The query on this lane's tables."""
        if self.number == 1:
            return query

        def moved(found: re.Match[str]) -> str:
            mark, schema, quote, name = found.groups()
            if name in self.own:
                schema = self.schema(schema)
            return f"{mark}{schema}{mark}.{quote}{name}{quote}"

        return _RELATION.sub(moved, query)
