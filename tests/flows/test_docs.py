"""What README and docs tell people to type: each query runs, each command is one, most are run."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from flows.cli.commands import command_line
from tests.nights import ROOT, Home, SampleNights, plain_night
from warehouse.db import open_warehouse
from warehouse.read.statement import ask
from warehouse.settings import Settings

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
OPERATOR = "-- corpintel sql --as operator"
# What is parsed and not run here, each with why.
RUN_ELSEWHERE = {
    "nightly": "the fixture's nights are run by it, live ones by tests/flows/test_live_night.py",
    "deploy": "tests/flows/test_deploy.py",
    "serve": "tests/api/test_api.py",
    "chaos": "make drill, for minutes",
    "bench": "make bench, for minutes",
    "import-bulk": "tests/sources/test_bulk.py",
    "backup": "tests/db/test_backup.py",
    "restore": "tests/db/test_backup.py",
    "publish": "tests/db/test_publish.py; it would move what other tests look at",
    "rejected": "tests/sources/test_replay.py; the sample has no row with that number",
    "explain": "tests/flows/test_explain.py",
    "plan": "tests/db/test_planner.py",
    "documents": "tests/documents/test_documents_command.py",
}


def fences(page: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(), re.S | re.M)


def queries() -> list[tuple[bool, str]]:
    """Each statement of the pages, and whether operators ask it."""
    found = []
    for page in PAGES:
        for block in fences(page, "sql"):
            plain = re.sub(r"--.*", "", block)
            found += [
                (OPERATOR in block, statement.strip())
                for statement in plain.split(";")
                if statement.strip()
            ]
        said = " ".join(page.read_text().split())
        found += [
            (bool(role), statement)
            for role, statement in re.findall(
                r'corpintel sql (--as operator )?"(select [^"]+)"', said
            )
        ]
        found += [(False, statement) for statement in re.findall(r"`(select [^`]+)`", said)]
    return found


def commands() -> list[str]:
    """Each command line of the pages that begins with ours."""
    lines = [
        line for page in PAGES for block in fences(page, "bash") for line in block.splitlines()
    ]
    # A comment is not typed, and of psql "$(corpintel db url)" what is inside is ours.
    typed = [re.search(r'(?:^|/)corpintel (.+?)(?:\)"|  +#.*)?$', line) for line in lines]
    return sorted({found.group(1) for found in typed if found})


def command_of(typed: str) -> tuple[Any, list[str]]:
    """The command that a line names, in groups too, and its arguments."""
    command: Any = command_line()
    arguments = shlex.split(typed)
    context = command.make_context("corpintel", list(arguments), resilient_parsing=True)
    while hasattr(command, "get_command") and arguments:
        found = command.get_command(context, arguments[0])
        if found is None:
            break
        with found.make_context(arguments[0], [], resilient_parsing=True) as inner:
            command, context = inner.command, inner
        arguments = arguments[1:]
    return command, arguments


@pytest.mark.parametrize(("as_operator", "statement"), queries())
def test_a_query_of_the_pages_runs(
    sample_nights: SampleNights, as_operator: bool, statement: str
) -> None:
    """As `corpintel sql` asks it; one that is refused raises QuestionError."""
    settings = Settings(home=sample_nights.home.path, database_url=None)
    with (
        open_warehouse(settings) as warehouse,
        ask(warehouse, statement, as_operator=as_operator) as answer,
    ):
        assert answer.columns
        assert all(len(row) == len(answer.columns) for row in answer.rows)


@pytest.mark.parametrize("statement", fences(ROOT / "docs" / "cookbook.md", "sql"))
def test_a_recipe_is_one_statement_of_few_lines(statement: str) -> None:
    lines = statement.strip().splitlines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 100
    assert statement.count(";") == 1


@pytest.mark.parametrize("typed", commands())
def test_a_command_of_the_pages_is_one(typed: str) -> None:
    command, arguments = command_of(typed)
    with command.make_context(typed, arguments) as context:
        assert context.args == []


@pytest.mark.parametrize(
    "typed",
    [
        typed
        for typed in commands()
        if typed.split()[0] not in RUN_ELSEWHERE and not typed.startswith("dbt")
    ],
)
def test_a_command_of_the_pages_does_as_it_says(
    sample_nights: SampleNights, typed: str, tmp_path: Path
) -> None:
    """In the order of their names, so that a login is given before it is taken away."""
    words = shlex.split(typed)
    # A file is written beside whoever types it, and not into the project.
    arguments = [
        str(tmp_path / word) if before == "--out" else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    done = sample_nights.home.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dbt_by_hand_does_as_the_pages_say(home: Home) -> None:
    """In a home of its own: what it builds for its batch stays there to be looked at."""
    plain_night(home, "sample", "DUOL")
    typed = [shlex.split(line) for line in commands() if line.startswith("dbt")]
    assert len(typed) == 3
    for arguments in sorted(typed, key=lambda words: ("test" in words, words)):
        done = home.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
