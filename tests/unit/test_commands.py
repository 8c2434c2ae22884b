"""The command line: every command is listed with its own help, and asked for alone is loaded."""

import json
import subprocess
import sys
from importlib import import_module

import pytest
import typer.main

from flows.cli.main import COMMANDS

HEAVY = ("prefect", "dbt", "great_expectations")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    module, help_ = COMMANDS[name]
    command = typer.main.get_command(import_module(module).app)
    assert (command.help or "").split("\n")[0] == help_


def _loaded_by(*arguments: str) -> list[str]:
    """Which of the slow packages, and of our modules, a command has imported at its end."""
    script = (
        "import json, sys\n"
        "from flows.cli.main import main\n"
        f"sys.argv = ['corpintel', *{arguments!r}]\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


def test_help_imports_no_command() -> None:
    loaded = _loaded_by("--help")
    assert [name for name in loaded if name.endswith("_command")] == []
    assert not {"sqlalchemy", "psycopg", *HEAVY} & set(loaded)


@pytest.mark.parametrize("command", ["sql", "explain", "report", "db", "publish", "rejected"])
def test_a_command_that_builds_nothing_imports_nothing_that_does(command: str) -> None:
    loaded = _loaded_by(command, "--help")
    assert f"{COMMANDS[command][0]}" in loaded
    assert not set(HEAVY) & set(loaded)
