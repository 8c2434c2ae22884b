"""One writer at a time, whoever is killed or cut off."""

import os
import threading

import pytest
from sqlalchemy.exc import OperationalError

from tests.conftest import Cluster
from tests.db import test_publish as publishing
from tests.db.packages import AS_OF, PATIENCE, kill, new_run, night, query, staged
from tests.limits import seconds, wait_for
from warehouse import writer as writing
from warehouse.db import Warehouse
from warehouse.load import abandon, merge
from warehouse.publishing.publish import publish
from warehouse.writer import NIGHT_LOCK, LostLockError, NightRefusedError, Writer, night_lock

RATE = ("USD", AS_OF, 1)


def holder(warehouse: Warehouse) -> int:
    """The server process that holds the night's lock."""
    rows = query(
        warehouse,
        "select pid from pg_locks join pg_database d on d.oid = database"
        " where locktype = 'advisory' and objid = %s and granted and datname = current_database()",
        NIGHT_LOCK,
    )
    return int(rows[0][0])


def test_a_second_night_is_refused_until_the_first_ends(warehouse: Warehouse) -> None:
    with (
        night_lock(warehouse),
        pytest.raises(NightRefusedError, match="another night"),
        night_lock(warehouse),
    ):
        pass
    with night_lock(warehouse):
        pass


def test_a_night_that_fails_frees_the_lock(warehouse: Warehouse) -> None:
    with pytest.raises(ZeroDivisionError), night_lock(warehouse):
        raise ZeroDivisionError
    with night_lock(warehouse):
        pass


def test_the_lock_is_free_once_its_holders_connection_is_killed(warehouse: Warehouse) -> None:
    first = night_lock(warehouse)
    first.__enter__()
    kill(warehouse, holder(warehouse))
    with night_lock(warehouse):
        pass
    # The holder itself learns of it at the latest when it ends.
    with pytest.raises(OperationalError):
        first.__exit__(None, None, None)


def test_nights_of_two_warehouses_on_one_server_do_not_wait_for_each_other(
    cluster: Cluster, template: str, warehouse: Warehouse
) -> None:
    with cluster.fresh(template) as other, night_lock(warehouse), night_lock(other):
        pass


def cut_off(warehouse: Warehouse) -> Writer:
    """The right to write of a night whose connection was cut, after another one began."""
    first = night_lock(warehouse)
    writer = first.__enter__()
    kill(warehouse, holder(warehouse))
    with pytest.raises(OperationalError):
        first.__exit__(None, None, None)
    with night_lock(warehouse):
        pass
    return writer


def test_a_refusal_says_who_writes(warehouse: Warehouse) -> None:
    with night_lock(warehouse), pytest.raises(NightRefusedError) as caught, night_lock(warehouse):
        pass
    assert f"process {os.getpid()} on " in str(caught.value)
    assert "last heard of 0 s ago" in str(caught.value)


def test_a_night_that_was_cut_off_loads_nothing_more(warehouse: Warehouse) -> None:
    writer = cut_off(warehouse)
    load = staged(warehouse, "ecb_rates", (night(1), [RATE]))
    with pytest.raises(LostLockError, match="is no longer the writer"):
        merge(load, {"ecb_rates": []}, writer.hold)
    abandon(load)
    assert query(warehouse, "select count(*) from raw.ecb_rates") == [(0,)]


def test_a_night_that_was_cut_off_publishes_nothing_more(warehouse: Warehouse) -> None:
    publishing.night(warehouse, [(1, "old")])
    writer = cut_off(warehouse)
    publishing.build(warehouse, [(1, "new")])
    marts = [publishing.MART]
    with pytest.raises(LostLockError):
        publish(warehouse, new_run(warehouse), AS_OF, marts, "manifest", None, None, writer.hold)
    assert publishing.seen(warehouse) == [(1, "old")]


def test_the_writer_publishes_and_loads(warehouse: Warehouse) -> None:
    publishing.build(warehouse, [(1, "a")])
    with night_lock(warehouse) as writer:
        load = staged(warehouse, "ecb_rates", (night(1), [RATE]))
        assert merge(load, {"ecb_rates": []}, writer.hold).new == {"ecb_rates": 1}
        marts = [publishing.MART]
        publish(warehouse, new_run(warehouse), AS_OF, marts, "manifest", None, None, writer.hold)
    assert publishing.seen(warehouse) == [(1, "a")]


def test_the_next_night_waits_for_a_transaction_of_the_one_that_was_cut_off(
    warehouse: Warehouse,
) -> None:
    """What it had begun under its right ends before the right is another's: it is no race."""
    first = night_lock(warehouse)
    writer = first.__enter__()
    load = staged(warehouse, "ecb_rates", (night(1), [RATE]))
    began = threading.Event()

    def begin() -> None:
        with night_lock(warehouse):
            began.set()

    second = threading.Thread(target=begin)
    with load.connection.transaction():
        writer.hold(load.connection)
        kill(warehouse, holder(warehouse))
        second.start()
        assert not began.wait(0.5)
    assert began.wait(seconds(PATIENCE))
    second.join()
    with pytest.raises(OperationalError):
        first.__exit__(None, None, None)
    abandon(load)


def test_the_heartbeat_is_told_and_a_cut_connection_noticed(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "HEARTBEAT_SECONDS", 0.05)
    lost = threading.Event()
    first = night_lock(warehouse, lost.set)
    first.__enter__()
    query(warehouse, "update ops.writer set heartbeat_at = acquired_at")
    beaten = "select heartbeat_at > acquired_at from ops.writer"
    wait_for(lambda: query(warehouse, beaten) == [(True,)], PATIENCE, "the heart never beat")
    kill(warehouse, holder(warehouse))
    assert lost.wait(seconds(PATIENCE))
    with pytest.raises(LostLockError):
        first.__exit__(None, None, None)
