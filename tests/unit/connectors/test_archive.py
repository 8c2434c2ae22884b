"""The archive gives back the bytes it was given, or says why it cannot."""

import hashlib
from pathlib import Path

import pytest

from connectors.archive import Archive
from connectors.errors import CorruptBodyError, MissingBodyError

BODY = b'{"cik": 1562088}' * 100
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_body_comes_back_under_its_hash(tmp_path: Path, kind: str) -> None:
    archive = Archive(str(tmp_path) if kind == "local" else "memory://captures")
    assert archive.put(BODY) == SHA256
    assert archive.get(SHA256) == BODY


def test_second_put_leaves_the_one_file_alone(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    archive.put(BODY)
    (path,) = [file for file in tmp_path.rglob("*") if file.is_file()]
    before = path.stat()
    archive.put(BODY)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]
    assert path.stat().st_ino == before.st_ino
    assert path.relative_to(tmp_path).as_posix() == f"{SHA256[:2]}/{SHA256}.zst"


def test_empty_body_is_kept(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    assert archive.get(archive.put(b"")) == b""


@pytest.mark.parametrize("sha256", [SHA256, "../../etc/passwd", ""])
def test_absent_body_is_a_typed_error(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(MissingBodyError):
        Archive(str(tmp_path)).get(sha256)


@pytest.mark.parametrize("damage", [b"", b"not zstd", None])
def test_damaged_copy_is_refused_and_the_next_put_mends_it(
    tmp_path: Path, damage: bytes | None
) -> None:
    archive = Archive(str(tmp_path))
    archive.put(BODY)
    path = tmp_path / SHA256[:2] / f"{SHA256}.zst"
    path.write_bytes(path.read_bytes()[:-3] if damage is None else damage)
    with pytest.raises(CorruptBodyError):
        archive.get(SHA256)
    archive.put(BODY)
    assert archive.get(SHA256) == BODY


def test_another_body_under_the_name_is_refused(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    other = archive.put(b"other")
    archive.put(BODY)
    (tmp_path / SHA256[:2] / f"{SHA256}.zst").write_bytes(
        (tmp_path / other[:2] / f"{other}.zst").read_bytes()
    )
    with pytest.raises(CorruptBodyError):
        archive.get(SHA256)
