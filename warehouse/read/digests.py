"""What a company's rows are, without reading them: the digests that a publication keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.read.connection import Reader, fetch


@dataclass(frozen=True)
class Digest:
    """The sha256 of a company's rows in a mart."""

    mart: str
    digest: str


def company_digests(connection: Reader, company_id: str, marts: Sequence[str]) -> list[Digest]:
    """The digests of a company's rows in these marts, by mart; none of a mart where it has none."""
    return fetch(
        connection,
        Digest,
        "select {columns} from marts.company_digests"
        " where company_id = %(company_id)s and mart = any(%(marts)s) order by mart",
        company_id=company_id,
        marts=list(marts),
    )
