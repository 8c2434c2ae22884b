"""The command line: every command is listed with its own help, and asked for alone is loaded."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Any

import pytest
import typer.main

from flows.cli.commands import COMMANDS, command_line

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


def _is_group(command: Any) -> bool:
    """Whether a command does nothing alone."""
    return hasattr(command, "commands") and not command.invoke_without_command


def _commands() -> Iterator[tuple[str, Any]]:
    """Each command as it is typed, with what it is; groups too."""
    waiting = [("corpintel", command_line())]
    for name, (module, _) in COMMANDS.items():
        waiting.append((f"corpintel {name}", typer.main.get_command(import_module(module).app)))
    while waiting:
        typed, command = waiting.pop()
        yield typed, command
        if typed != "corpintel":
            parts = getattr(command, "commands", {})
            waiting += [(f"{typed} {name}", part) for name, part in parts.items()]


_TYPED = dict(_commands())


@pytest.mark.parametrize("typed", [typed for typed in _TYPED if not _is_group(_TYPED[typed])])
def test_each_command_has_an_example_that_it_takes(typed: str) -> None:
    command = _TYPED[typed]
    words, example = command.epilog.split(": ", 1)
    assert words == "Example"
    assert example.startswith(typed)
    arguments = shlex.split(example.removeprefix(typed))
    with command.make_context(typed, arguments) as context:
        assert context.args == []


@pytest.mark.parametrize("arguments", [["-h"], ["sql", "-h"], ["documents", "read", "-h"]])
def test_help_has_a_short_name(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command_line()(arguments, prog_name="corpintel")
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "Usage: corpintel" in told
    assert "Example: corpintel" in told


def test_the_release_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command_line()(["--version"], prog_name="corpintel")
    assert (end.value.code, capsys.readouterr().out) == (
        0,
        f"corpintel {version('corporate-intel')}\n",
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("corpintel doc", ["doctor", "documents"]), ("corpintel documents un", ["unread"])],
)
def test_a_shell_completes_commands_and_those_below_them(typed: str, offered: list[str]) -> None:
    words = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
        "_CORPINTEL_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from flows.cli.commands import command_line\n"
         "command_line()(prog_name='corpintel')"],
        capture_output=True, text=True, check=True, env={**os.environ, **words},
    )  # fmt: skip
    assert done.stdout.split() == offered
