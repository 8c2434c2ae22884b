"""Alerts: each rule of the seed is raised by what it is for, told once, and cleared."""

import json
import socketserver
import threading
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from connectors.service import limits, services
from flows.steps.alerting import RULES, beat, watch
from tests.db.packages import query
from warehouse.alerts import AlertRulesError, read_rules
from warehouse.db import Warehouse
from warehouse.measures import MEASURES
from warehouse.settings import Settings, load_settings

# Three live nights: the first published long ago; the others failed, and a source with them.
TROUBLE = """
insert into ops.runs (data_kind, as_of, status, started_at, finished_at) values
    ('live', '2026-01-01', 'published', now() - interval '31 hours', now() - interval '30 hours'),
    ('live', '2026-01-02', 'failed', now() - interval '7 hours', now() - interval '6 hours'),
    ('live', '2026-01-03', 'failed', now() - interval '3 hours', now() - interval '2 hours');
insert into ops.publications
    (run_id, published_at, as_of, content_hash, dbt_manifest_hash, row_counts, rows_changed)
select run_id, now() - (4 - run_id) * interval '30 hours', as_of, 'hash', 'hash', '{}', 7
from ops.runs where run_id = 1;
insert into ops.current_publication (run_id) values (1);
insert into ops.outcomes (run_id, source, subject, step, status, detail, happened_at) values
    (1, 'sec', 'DUOL', 'fetch', 'ok', null, now()),
    (2, 'sec', 'DUOL', 'fetch', 'failed', 'out of reach', now()),
    (3, 'sec', 'DUOL', 'fetch', 'failed', 'out of reach', now()),
    (2, 'ecb', 'rates', 'fetch', 'failed', 'out of reach', now()),
    (3, 'ecb', 'rates', 'fetch', 'ok', null, now());
insert into ops.request_grants (source, units, granted_at)
    values ('alpha_vantage', 25, now());
"""
HELD = """
insert into ops.held_back (company_id, test, failures, since_run, since_date)
    values ('duolingo', 'check_failed', 2, 1, '2026-01-01');
insert into ops.publications
    (run_id, published_at, as_of, content_hash, dbt_manifest_hash, row_counts, rows_changed)
select run_id, now() - interval '30 hours', as_of, 'hash', 'hash', '{}', 0
from ops.runs where run_id in (2, 3);
update ops.runs set status = 'published' where run_id in (2, 3);
update ops.current_publication set run_id = 3;
insert into ops.runs (data_kind, as_of, status, started_at)
    values ('live', '2026-01-04', 'failed', now());
insert into ops.measures (run_id, scope, subject, measure, value)
    values (2, 'run', '', 'certificate_right', 2);
create table marts.mart_accuracy_certificate as
    select verdict from (values ('exact'), ('wrong')) as v (verdict);
"""
NOTICE = """
insert into ops.view_notices (view_name, owner, columns, script, noticed_at, drop_after)
    values ('sandbox_ada.mine', 'ada', '{mart_test.value}', 'create view', now(), now());
"""
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    with HTTPServer() as server:
        server.expect_request("/hook", method="POST").respond_with_data("")
        server.expect_request("/beat", method="GET").respond_with_data("")
        yield server


def settings_for(hook: HTTPServer, tmp_path: Path, **more: object) -> Settings:
    plain = load_settings(services().values())
    return plain.model_copy(
        update={"home": tmp_path, "alert_webhook_url": SecretStr(hook.url_for("/hook")), **more}
    )


def received(hook: HTTPServer) -> list[dict[str, object]]:
    """What the receiver got since it was last asked."""
    got = [json.loads(request.get_data()) for request, _ in hook.log]
    hook.clear_log()
    return got


def test_an_alert_of_each_rule_arrives(
    warehouse: Warehouse, hook: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that is added needs its trouble here."""
    query(warehouse, TROUBLE)
    query(warehouse, HELD)
    query(warehouse, NOTICE)
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100, 95, 5))
    watch(settings_for(hook, tmp_path), warehouse)
    got = {str(one["alert"]): one for one in received(hook)}
    assert got.keys() == {rule.alert for rule in read_rules(RULES)}
    assert {one["state"] for one in got.values()} == {"raised"}
    assert (got["source_down"]["subject"], got["source_down"]["value"]) == ("sec", 2.0)
    assert got["company_held_back_long"]["subject"] == "duolingo"
    assert got["certificate_fell"]["value"] == 1.0
    assert got["quota_spent"]["subject"] == "alpha_vantage"
    assert got["night_late"]["text"] == (
        "corpintel: night_late: hours_since_published is 30, beyond 26. Look whether a worker "
        "runs and what the last run says: corpintel runs."
    )


def test_each_alert_has_its_section_in_the_runbook() -> None:
    runbook = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
    sections = [line.removeprefix("## ") for line in runbook.splitlines() if line[:3] == "## "]
    assert sections == [rule.alert for rule in read_rules(RULES)]


def test_an_alert_is_told_once_and_again_when_it_is_over(
    warehouse: Warehouse, hook: HTTPServer, tmp_path: Path
) -> None:
    query(warehouse, TROUBLE)
    settings = settings_for(hook, tmp_path)
    watch(settings, warehouse)
    assert {one["alert"] for one in received(hook)} == {
        "night_late", "night_failed", "source_down", "quota_spent",
    }  # fmt: skip
    watch(settings, warehouse)
    assert received(hook) == []
    query(warehouse, "update ops.runs set status = 'loaded' where status = 'failed'")
    watch(settings, warehouse)
    assert [(one["alert"], one["state"]) for one in received(hook)] == [("night_failed", "cleared")]
    watch(settings, warehouse)
    assert received(hook) == []


def test_who_could_not_be_told_is_told_the_next_time(
    warehouse: Warehouse, hook: HTTPServer, tmp_path: Path
) -> None:
    query(warehouse, TROUBLE)
    nowhere = SecretStr(hook.url_for("/nowhere"))
    watch(settings_for(hook, tmp_path, alert_webhook_url=nowhere), warehouse)
    kept = query(warehouse, "select told_at, failed_detail from ops.alerts order by alert_id")
    assert kept == [(None, "webhook: HTTPStatusError")] * 4
    hook.clear()
    hook.expect_request("/hook", method="POST").respond_with_data("")
    watch(settings_for(hook, tmp_path), warehouse)
    assert len(received(hook)) == 4


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of a mail server as takes one letter."""

    letters: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = iter(self.rfile.readline, b".\r\n")
                self.letters.append(b"".join(letter).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


def test_an_alert_comes_by_mail(warehouse: Warehouse, hook: HTTPServer, tmp_path: Path) -> None:
    query(warehouse, TROUBLE)
    box = type("Box", (_Mailbox,), {"letters": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), box) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        watch(
            settings_for(
                hook,
                tmp_path,
                alert_webhook_url=None,
                alert_email="on-call@example.com",
                smtp_url=SecretStr(f"smtp://127.0.0.1:{server.server_address[1]}"),
            ),
            warehouse,
        )
        server.shutdown()
    subjects = [line for letter in box.letters for line in letter.splitlines() if "Subject" in line]
    assert subjects == [
        "Subject: corpintel: night_late raised",
        "Subject: corpintel: night_failed raised",
        "Subject: corpintel: source_down raised",
        "Subject: corpintel: quota_spent raised",
    ]
    assert "To: on-call@example.com" in box.letters[0]


def test_metrics_are_what_prometheus_reads(
    warehouse: Warehouse, hook: HTTPServer, tmp_path: Path
) -> None:
    query(warehouse, TROUBLE)
    file = tmp_path / "textfiles" / "corpintel.prom"
    watch(settings_for(hook, tmp_path, metrics_file=file), warehouse)
    families = {found.name: found for found in text_string_to_metric_families(file.read_text())}
    assert families.keys() <= {f"corpintel_{name}" for name in MEASURES}
    [failed] = families["corpintel_failed_nights"].samples
    assert failed.value == 2
    down = {
        sample.labels["source"]: sample.value
        for sample in families["corpintel_nights_down"].samples
    }
    assert down == {"sec": 2, "ecb": 0}
    spent = {
        sample.labels["source"]: sample.value
        for sample in families["corpintel_quota_used_percent"].samples
    }
    assert spent["alpha_vantage"] == 100
    assert spent.keys() <= limits().keys()


def test_metrics_are_pushed(warehouse: Warehouse, hook: HTTPServer, tmp_path: Path) -> None:
    query(warehouse, TROUBLE)
    hook.expect_request("/metrics/job/corpintel", method="PUT").respond_with_data("")
    push = SecretStr(hook.url_for("").rstrip("/"))
    watch(settings_for(hook, tmp_path, metrics_push_url=push), warehouse)
    [pushed] = [request.get_data() for request, _ in hook.log if request.method == "PUT"]
    assert b"corpintel_failed_nights 2.0" in pushed


def test_a_good_end_beats_and_a_dead_address_harms_nothing(
    hook: HTTPServer, tmp_path: Path
) -> None:
    beat(settings_for(hook, tmp_path, heartbeat_url=SecretStr(hook.url_for("/beat"))))
    assert [request.path for request, _ in hook.log] == ["/beat"]
    beat(settings_for(hook, tmp_path, heartbeat_url=SecretStr("http://127.0.0.1:9/beat")))


HEADER = "alert,scope,measure,condition,threshold,channel,what_to_do\n"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,b\n1,2\n", "its columns must be alert, scope, measure"),
        (f"{HEADER}late,run,hours,at_least,1,all,Look\n", "line 2: measure 'hours' is none of"),
        (f"{HEADER}late,run,failed_nights,over,1,all,Look\n", "condition 'over' is none of"),
        (f"{HEADER}late,run,failed_nights,at_least,one,all,Look\n", "threshold 'one' is no number"),
        (f"{HEADER}late,run,failed_nights,at_least,1,pager,Look\n", "channel 'pager' is none of"),
    ],
)
def test_a_rule_that_cannot_be_read_says_where_and_why(
    tmp_path: Path, rows: str, told: str
) -> None:
    file = tmp_path / "alert_rules.csv"
    file.write_text(rows)
    with pytest.raises(AlertRulesError, match=told):
        read_rules(file)
