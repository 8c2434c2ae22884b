"""The capture archive: every parsed response's body as it came, named by its sha256."""

import hashlib
import os
import re
import uuid
from dataclasses import dataclass
from datetime import datetime

import fsspec  # type: ignore[import-untyped]
import zstandard

from connectors.errors import CorruptBodyError, MissingBodyError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LEVEL = 9


# The name and password that an address may carry.
_LOGIN = re.compile(r"//.*@")


class ArchiveUrlError(ValueError):
    """An address that is no archive's; the message names the setting, the value and the cure."""


@dataclass(frozen=True)
class Capture:
    """One response as it came; `request_key` and `url` carry no secret, `fetched_at` is in UTC."""

    source: str
    request_key: str
    url: str
    fetched_at: datetime
    status: int
    etag: str | None
    last_modified: str | None
    content_type: str | None
    sha256: str
    size: int


class Archive:
    """Bodies under a local folder or any address that fsspec knows, as `ab/<sha256>.zst`."""

    def __init__(self, url: str) -> None:
        """ArchiveUrlError where no file system can be had for the address."""
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            # fsspec says what to install.
            raise ArchiveUrlError(
                f"{_told(url)} needs a package that is not installed: {error}; install it, or give "
                "a folder"
            ) from error
        except (ValueError, TypeError, OSError) as error:
            raise ArchiveUrlError(
                f"{_told(url)} cannot be used: {error}; give a folder, or an address such as "
                "s3://bucket/captures"
            ) from error
        protocol = self._files.protocol
        self._is_local = "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def put(self, body: bytes) -> str:
        """Keep a body and return its sha256; a sound copy that is there already is left alone."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self._path(sha256)
        if self._is_sound(path, sha256):
            return sha256
        # Compressors hold state that threads must not share, so each call makes its own.
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
        if self._is_local:
            self._write_local(path, packed)
        else:
            # An object store shows a new object whole or not at all.
            self._files.pipe_file(path, packed)
        return sha256

    def try_writing(self) -> None:
        """Write something small, read it back and take it away; OSError where that fails."""
        place = f"{self._root}/.trial-{uuid.uuid4().hex}"
        if self._is_local:
            self._files.makedirs(self._root, exist_ok=True)
        self._files.pipe_file(place, b"trial")
        try:
            if self._files.cat_file(place) != b"trial":
                raise OSError("what was written to the archive is not what is read from it")
        finally:
            self._files.rm_file(place)

    def get(self, sha256: str) -> bytes:
        """The body of that hash; MissingBodyError or CorruptBodyError when it cannot be had."""
        if not _SHA256.fullmatch(sha256):
            raise MissingBodyError(
                "archive", "not a sha256", repr(sha256[:80]), "pass the sha256 of a capture"
            )
        path = self._path(sha256)
        try:
            packed = bytes(self._files.cat_file(path))
        except FileNotFoundError:
            raise MissingBodyError(
                "archive", "body is not in the archive", path, "fetch the document again"
            ) from None
        body = _unpack(packed)
        if body is None or hashlib.sha256(body).hexdigest() != sha256:
            raise CorruptBodyError(
                "archive",
                "kept body does not have its hash",
                path,
                "fetch the document again, which replaces the copy",
            )
        return body

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}.zst"

    def _is_sound(self, path: str, sha256: str) -> bool:
        try:
            body = _unpack(bytes(self._files.cat_file(path)))
        except FileNotFoundError:
            return False
        return body is not None and hashlib.sha256(body).hexdigest() == sha256

    def _write_local(self, path: str, packed: bytes) -> None:
        self._files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        temporary = f"{path}.{uuid.uuid4().hex}.tmp"
        try:
            with open(temporary, "wb") as file:
                file.write(packed)
                file.flush()
                # Without it a power cut can leave the new name on an empty file.
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.remove(temporary)
            raise


def _told(url: str) -> str:
    return f"CORPINTEL_ARCHIVE_URL: {_LOGIN.sub('//***@', url)!r}"


def _unpack(packed: bytes) -> bytes | None:
    try:
        # The streaming form does not trust the size that a broken frame header claims.
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except (zstandard.ZstdError, MemoryError):
        return None
