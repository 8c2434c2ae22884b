"""What a run logs: JSON lines where that is wanted, with its run, and without secrets."""

import json
import logging
from collections import namedtuple
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.night.logs import run_logs
from flows.night.space import NoSpaceError, require_space
from warehouse.settings import Settings

Usage = namedtuple("Usage", "total used free")


def test_lines_of_json_have_run_and_source_and_no_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(
        log_format="json",
        heartbeat_url=SecretStr("https://beats.example.com/tok3n"),
        database_url=SecretStr("postgresql://me:pa%2Fss@db.example.com/corpintel"),
    )
    with run_logs(settings) as logs:
        logs.run_id = 7
        logging.getLogger("flows.steps.collect").warning(
            "%s said %s of %s", "sec", "pa/ss", "https://beats.example.com/tok3n",
            extra={"source": "sec", "subject": "DUOL"},
        )  # fmt: skip
        logging.getLogger("warehouse.load").info("42 new rows")
        logging.getLogger("somebody.else").warning("not ours")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("at").startswith("20")
    assert first == {
        "level": "WARNING",
        "logger": "flows.steps.collect",
        "message": "sec said *** of ***",
        "run": 7,
        "source": "sec",
        "subject": "DUOL",
    }
    assert (second["level"], second["message"], second["run"]) == ("INFO", "42 new rows", 7)


def test_who_else_takes_our_records_gets_no_secret_of_an_exception_either() -> None:
    heard: list[str] = []

    class Elsewhere(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(logging.Formatter("%(message)s").format(record))

    elsewhere = Elsewhere()
    logger = logging.getLogger("connectors")
    logger.addHandler(elsewhere)
    try:
        with run_logs(Settings(heartbeat_url=SecretStr("https://beats.example.com/tok3n"))):
            try:
                raise ValueError("https://beats.example.com/tok3n refused us")
            except ValueError:
                logging.getLogger("connectors.http").warning("a beat", exc_info=True)
        assert elsewhere.filters == []
    finally:
        logger.removeHandler(elsewhere)
    [told] = heard
    assert told.splitlines()[0] == "a beat"
    assert told.endswith("ValueError: *** refused us")


def test_loggers_are_as_before_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger("flows").level
    with run_logs(Settings(log_format="json")):
        pass
    logging.getLogger("flows.steps.collect").info("nobody hears it")
    assert capsys.readouterr().err == ""
    assert logging.getLogger("flows").level == before


@pytest.mark.parametrize(("free", "least"), [(0.5e9, 1.0), (0.0, 0.1)])
def test_a_night_stops_where_too_little_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: float, least: float
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1e12, 1e12 - free, free))
    settings = Settings(home=tmp_path / "not" / "yet", least_free_gb=least)
    with pytest.raises(NoSpaceError, match=r"GB free, less than CORPINTEL_LEAST_FREE_GB="):
        require_space(settings)


def test_a_night_goes_on_where_enough_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def usage(place: Path) -> Usage:
        seen.append(place)
        return Usage(1e12, 0, 1e12)

    monkeypatch.setattr("shutil.disk_usage", usage)
    require_space(Settings(home=tmp_path / "not" / "yet", archive_url=str(tmp_path)))
    require_space(Settings(home=tmp_path, archive_url="s3://bucket/prefix"))
    assert set(seen) == {tmp_path}
