"""SEC's nightly bulk archives, `companyfacts.zip` and `submissions.zip`, read member by member."""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from connectors.errors import BadBodyError
from connectors.sec import SOURCE

_MEMBER = re.compile(r"CIK(?P<cik>[0-9]{10})(-submissions-[0-9]{3,})?\.json")
# The largest filer's facts have some 40 MB.
_MAX_MEMBER = 400_000_000
# Where company facts name their filer; submissions have the key "name" instead.
_HEAD = 1_000
# SEC writes its archives at night, by its own clock, which a zip archive keeps without a zone.
_WASHINGTON = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Member:
    """One document of an archive; `written_at` is when SEC wrote it there."""

    name: str
    body: bytes
    written_at: datetime


class BulkArchive:
    """An archive on disk; nothing but the documents asked for is unpacked."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise BadBodyError(
                SOURCE,
                f"not a bulk archive ({error})",
                str(path),
                "give companyfacts.zip or submissions.zip as SEC offers them",
            ) from None
        self._by_cik: dict[int, list[zipfile.ZipInfo]] = {}
        for info in self._zip.infolist():
            match = _MEMBER.fullmatch(info.filename)
            if match:
                self._by_cik.setdefault(int(match["cik"]), []).append(info)
        if not self._by_cik:
            self._zip.close()
            raise BadBodyError(
                SOURCE,
                "archive without a document of SEC's naming",
                str(path),
                "give companyfacts.zip or submissions.zip as SEC offers them",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def holds_facts(self) -> bool:
        """Whether it is companyfacts.zip; both archives name their members alike."""
        first = next(iter(self._by_cik.values()))[0]
        with self._zip.open(first) as member:
            return b'"entityName"' in member.read(_HEAD)

    @property
    def ciks(self) -> list[int]:
        """All filers of the archive, in order."""
        return sorted(self._by_cik)

    def edition(self, cik: int) -> str:
        """What tells the filer's documents from those of another archive, without reading them."""
        parts = sorted(
            (info.filename, info.CRC, info.file_size, info.date_time) for info in self._by_cik[cik]
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def has(self, cik: int) -> bool:
        """Whether the archive holds a document of that filer."""
        return cik in self._by_cik

    def members(self, cik: int) -> Iterator[Member]:
        """The filer's documents, the main one before the pages of its history."""
        for info in sorted(self._by_cik.get(cik, []), key=lambda info: len(info.filename)):
            if info.file_size > _MAX_MEMBER:
                raise BadBodyError(
                    SOURCE, "member is too large", info.filename, "fetch the company live instead"
                )
            try:
                body = self._zip.read(info)
            except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
                raise BadBodyError(
                    SOURCE,
                    f"member cannot be unpacked ({error})",
                    info.filename,
                    "download the archive again",
                ) from None
            written_at = datetime(*info.date_time, tzinfo=_WASHINGTON).astimezone(UTC)
            yield Member(info.filename, body, written_at)
