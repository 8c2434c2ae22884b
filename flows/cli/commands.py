"""The commands of corpintel, none imported before it is named."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer.main
from typer.core import TyperCommand, TyperGroup

# Each command with the module that has its Typer `app`, and its help in one line.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "nightly": (
        "flows.cli.night_command",
        "Fetch, check, load, build, test and publish: one whole night.",
    ),
    "sql": (
        "flows.cli.sql_command",
        "Ask the marts, read-only, as the role that analysts use, or as operators do.",
    ),
    "explain": (
        "flows.cli.explain_command",
        "Say where a figure comes from: formula, facts, filings, other vintages, what was refused.",
    ),
    "import-bulk": (
        "flows.cli.bulk_command",
        "Load companies from one of SEC's bulk archives, without publishing.",
    ),
    "plan": (
        "flows.cli.plan_command",
        "Show on which questions the last night spent its quotas, and why.",
    ),
    "backup": (
        "flows.cli.backup_command",
        "Write the warehouse to a folder, also while a night runs, and check the archive.",
    ),
    "restore": (
        "flows.cli.restore_command",
        "Fill an empty warehouse from a backup, whole or not at all.",
    ),
    "chaos": (
        "chaos.command",
        "Break nights on purpose in throw-away homes, and say which promises held.",
    ),
    "bench": (
        "bench.command",
        "Measure loads and nights here, beside the limit and beside common ways.",
    ),
    "runs": (
        "flows.cli.runs_command",
        "List the runs: how each ended, its time, what changed, who is held back, why it failed.",
    ),
    "status": (
        "flows.cli.status_command",
        "Say what is late or wrong now and what to do about it; exit code 1 where anything is.",
    ),
    "doctor": (
        "flows.cli.doctor_command",
        "Try each thing that a night needs, and say how to mend what is wrong; exit code 1 then.",
    ),
    "report": (
        "flows.cli.report_command",
        "Write a static site of companies, segments, changes and quality; open its index.html.",
    ),
    "serve": (
        "flows.cli.serve_command",
        "Answer questions on the marts over HTTP, read-only, as JSON, CSV, Parquet or Arrow.",
    ),
    "deploy": (
        "flows.cli.deploy_command",
        "Register the deployments of prefect.yaml with the Prefect server in use.",
    ),
    "publish": ("flows.cli.publish_command", "Publish what is loaded, or go back."),
    "db": ("flows.cli.db_command", "The warehouse: its URL, its server, its schema."),
    "dbt": (
        "flows.cli.dbt_command",
        "Run dbt on the warehouse, with its connection set, as of the last night's day.",
    ),
    "rejected": ("flows.cli.rejected_command", "Rows that broke a rule: dead letters."),
    "documents": (
        "flows.cli.documents_command",
        "Filings, releases and investor pages: search, verdicts, reading.",
    ),
}


class LazyCommand(TyperCommand):
    """A command as the help lists it; its module is imported when it is named."""

    def __init__(self, name: str, module: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self._module = module

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """The context of the command itself, which is then run in place of this one."""
        command = typer.main.get_command(import_module(self._module).app)
        return command.make_context(*arguments, **extra)


class LazyGroup(TyperGroup):
    """The group of all commands, none of them imported."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (module, help_) in COMMANDS.items():
            self.add_command(LazyCommand(name, module, help_))


app = typer.Typer(
    name="corpintel",
    cls=LazyGroup,
    help="Corporate Intel: SEC filings, XBRL facts and market metrics as marts you can trust.",
    epilog="Example: corpintel nightly --sample",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"corpintel {version('corporate-intel')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the release and exit."
        ),
    ] = False,
) -> None:
    """Options of the group itself; they are done where they are read."""


def command_line() -> TyperGroup:
    """The group of all commands, with its options and the completion of shells."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group
