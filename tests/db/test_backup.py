"""Back up and restore: the same content after, and nothing but whole ones."""

import shutil
from pathlib import Path

import pytest

import migrations
from tests.conftest import Cluster
from tests.db import test_publish as publishing
from tests.db.packages import AS_OF, deliver, night, query, staged
from warehouse.backup import BackupError, back_up, read_manifest, restore
from warehouse.db import Warehouse
from warehouse.ops import claim_data_kind
from warehouse.settings import Settings

SETTINGS = Settings()
RATE = ("USD", AS_OF, 1)


@pytest.fixture
def used(warehouse: Warehouse) -> Warehouse:
    """A warehouse with facts and two publications."""
    claim_data_kind(warehouse, "live")
    deliver(warehouse, "ecb_rates", (night(1), [RATE]))
    # A package that a killed night left open is no part of a backup.
    staged(warehouse, "ecb_rates", (night(1), [RATE])).connection.close()
    for rows in ([(1, "a"), (2, "b")], [(1, "a"), (2, "c")]):
        publishing.night(warehouse, rows)
    return warehouse


def always(_: str) -> bool:
    return True


def test_a_restored_warehouse_shows_and_keeps_the_same(
    used: Warehouse, cluster: Cluster, tmp_path: Path
) -> None:
    made = back_up(used, SETTINGS, tmp_path / "backup", always)
    assert (made.data_kind, made.captures) == ("live", 2)
    with cluster.fresh("template1") as other:
        assert restore(other, SETTINGS, tmp_path / "backup", always) == made
        # A restored warehouse is one that a night can go on with.
        with other.engine.begin() as connection:
            migrations.upgrade(connection)
            migrations.check(connection)
        for statement in (
            "select * from raw.ecb_rates",
            "select * from marts.mart_test order by id",
            "select * from published.mart_test order by id, valid_from_run",
            "select * from ops.publications order by run_id",
            "select token, owner from ops.writer",
        ):
            assert query(other, statement) == query(used, statement), statement
        assert deliver(other, "ecb_rates", (night(2), [RATE])).new == {"ecb_rates": 0}
        assert publishing.night(other, [(1, "a"), (2, "c")]).rows_changed == 0
        runs = [row[0] for row in query(other, "select run_id from ops.publications order by 1")]
        publishing.move(other, runs[0])
        assert query(other, "select value from marts.mart_test order by id") == [("a",), ("b",)]


def test_a_warehouse_in_use_is_not_overwritten(used: Warehouse, tmp_path: Path) -> None:
    back_up(used, SETTINGS, tmp_path / "backup", always)
    with pytest.raises(BackupError, match="is in use; restore into an empty one"):
        restore(used, SETTINGS, tmp_path / "backup", always)


@pytest.mark.parametrize("name", ["warehouse.dump", "captures.txt.gz", "backup.json"])
@pytest.mark.parametrize("damage", ["torn", "gone"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    used: Warehouse, cluster: Cluster, tmp_path: Path, name: str, damage: str
) -> None:
    folder = tmp_path / "backup"
    back_up(used, SETTINGS, folder, always)
    if damage == "torn":
        (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    else:
        (folder / name).unlink()
    with cluster.fresh("template1") as other:
        with pytest.raises(BackupError, match=r"is no backup|is not as it was written"):
            restore(other, SETTINGS, folder, always)
        assert query(other, "select count(*) from pg_namespace where nspname = 'ops'") == [(0,)]


def test_a_body_that_the_archive_lacks_is_told_before_and_after(
    used: Warehouse, cluster: Cluster, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="lacks 2 of 2 captured bodies"):
        back_up(used, SETTINGS, tmp_path / "one", lambda _: False)
    with pytest.raises(BackupError, match="is no backup"):
        read_manifest(tmp_path / "one")
    back_up(used, SETTINGS, tmp_path / "two", always)
    with (
        cluster.fresh("template1") as other,
        pytest.raises(BackupError, match="copy the archive's folder"),
    ):
        restore(other, SETTINGS, tmp_path / "two", lambda _: False)


def test_a_folder_with_something_in_it_is_refused(used: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(BackupError, match="is not empty"):
        back_up(used, SETTINGS, tmp_path, always)


def test_a_backup_made_while_others_write_is_of_one_moment(
    used: Warehouse, cluster: Cluster, tmp_path: Path
) -> None:
    def write_meanwhile(_: str) -> bool:
        # The dump is made; what comes now must be in neither the list nor the manifest.
        publishing.night(used, [(9, "later")])
        return True

    made = back_up(used, SETTINGS, tmp_path / "backup", write_meanwhile)
    assert publishing.seen(used) == [(9, "later")]
    with cluster.fresh("template1") as other:
        restore(other, SETTINGS, tmp_path / "backup", always)
        assert query(other, "select id from marts.mart_test order by 1") == [(1,), (2,)]
        current = query(other, "select run_id from ops.current_publication")
        assert current == [(made.current_run,)]
    shutil.rmtree(tmp_path / "backup")
