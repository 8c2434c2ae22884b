"""The deployments: a reviewed snapshot, forms that read well, and parameters that flows take."""

import json
import re
from typing import Any

import pytest

from flows.night.logs import OURS
from tests.flows.deployments import SNAPSHOT, declared, flow_of, form, shown


def test_runs_of_workers_show_what_our_modules_log() -> None:
    for deployment in declared():
        shown_loggers = deployment["work_pool"]["job_variables"]["env"][
            "PREFECT_LOGGING_EXTRA_LOGGERS"
        ]
        assert shown_loggers == ",".join(OURS)


def test_deployments_are_those_that_were_reviewed() -> None:
    """After a change: make deployments, and read what differs."""
    assert shown() == json.loads(SNAPSHOT.read_text())


@pytest.mark.parametrize("deployment", declared(), ids=lambda one: one["name"])
def test_a_form_has_words_for_every_parameter(deployment: dict[str, Any]) -> None:
    fields = form(flow_of(deployment))
    assert deployment["parameters"].keys() <= fields.keys()
    for name, found in fields.items():
        assert found["title"] != name
        assert found["title"][0].isupper()
        assert found["description"].endswith(".")


@pytest.mark.parametrize("deployment", declared(), ids=lambda one: one["name"])
def test_only_what_looks_runs_beside_a_night(deployment: dict[str, Any]) -> None:
    is_beside = deployment["work_pool"]["work_queue_name"] == "watch"
    assert is_beside == (deployment["name"] in {"watch", "report"})
    assert deployment["concurrency_limit"]["limit"] == 1
    assert re.fullmatch(r"[A-Z].*\.", deployment["description"])
