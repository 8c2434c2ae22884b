"""How many faults in the financial models would the dbt tests notice?

    python -m tests.mutation [--count N] [--seed N] [--models NAME,...]

Works on a copy of the dbt project and a throw-away warehouse with bundled figures: one operator,
filter, join or order of one model is changed at a time, the model and all that follows from it are
built and tested, and the change counts as killed when a unit test or data test fails, or when a
hand-checked cell turns wrong, which would block the publication. Changes that are no valid SQL are
not counted.
"""

import argparse
import contextlib
import io
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from rich.progress import Progress

import migrations
from connectors.sample import build as sample
from connectors.sample.transport import SampleTransport
from connectors.sec import COMPANIES, FACTS, TICKERS, SecCompany, SecFact, SecTicker
from connectors.sec import parse as sec
from connectors.sec.fetch import companyfacts_url
from flows.steps.transform import PROJECT, connection_in_environment
from tests.dbt.compiled import CompiledModels
from warehouse.db import Warehouse, open_warehouse
from warehouse.settings import Settings

AS_OF = "2026-07-10"
TARGET = 0.85
FINANCIAL = re.compile(
    r"int_(facts|reports|cells|periods|fiscal_years|splits|filings)__"
    r"|fct_financial_(inputs|candidates)\.|mart_restatements\."
)
# A company that restates, one with a split, one in another currency, one without quarters missing.
COMPANIES_USED = (1093691, 1045810, 1046179, 1562088)

# What a slip of the pen makes of a line of SQL; the first group that matches is replaced.
SWAPS = (
    (r"(?<![<>=!|])(<=)(?![<>=])", "<"),
    (r"(?<![<>=!|-])(<)(?![<>=])", "<="),
    (r"(?<![<>=!|])(>=)(?![<>=])", ">"),
    (r"(?<![<>=!|-])(>)(?![<>=])", ">="),
    (r" (=) ", "<>"),
    (r" (<>) ", "="),
    (r" (\+) ", "-"),
    (r" (-) ", "+"),
    (r" (\*) ", "/"),
    (r" (/) ", "*"),
    (r"\b(and)\b", "or"),
    (r"\b(or)\b", "and"),
    (r"\b(is null)\b", "is not null"),
    (r"\b(is not null)\b", "is null"),
    (r"\b(not exists)\b", "exists"),
    (r"\b(min)\(", "max"),
    (r"\b(max)\(", "min"),
    (r"\b(least)\(", "greatest"),
    (r"\b(greatest)\(", "least"),
    (r"\b(lag)\(", "lead"),
    (r"\b(lead)\(", "lag"),
    (r"\b(bool_or)\(", "bool_and"),
    (r"\b(bool_and)\(", "bool_or"),
    (r"\b(desc)\b", "asc"),
    (r"\b(left join)\b", "inner join"),
)
# A condition on a line of its own, dropped.
CONDITION = re.compile(r"^\s*and (?P<condition>[^\n]*)$")
FILTER = re.compile(r"^(?P<head>\s*where )(?P<condition>\S[^\n]*)$")


@dataclass(frozen=True)
class Mutant:
    """One change of one line of a model."""

    model: Path
    line_number: int
    before: str
    after: str

    def __str__(self) -> str:
        return (
            f"{self.model.stem}:{self.line_number}: {self.before.strip()} -> {self.after.strip()}"
        )


def mutants_of(model: Path) -> Iterator[Mutant]:
    """Every change that the operators make of the model's lines, comments and Jinja left alone."""
    for number, line in enumerate(model.read_text().splitlines(), 1):
        if line.lstrip().startswith(("--", "{%", "{#")):
            continue
        for pattern, replacement in SWAPS:
            for found in re.finditer(pattern, line):
                inside = line[: found.start(1)]
                if inside.count("{{") > inside.count("}}") or inside.count("'") % 2:
                    continue
                # One value a line is spread into columns: any aggregate of it is the same.
                if found[1] == "max" and "(value) filter (where line = '" in line:
                    continue
                # `between a and b` is one operator.
                if found[1] == "and" and "between" in inside:
                    continue
                after = line[: found.start(1)] + replacement + line[found.end(1) :]
                yield Mutant(model, number, line, after)
        for pattern, kept in ((CONDITION, ""), (FILTER, "true")):
            condition = pattern.match(line)
            if condition and _is_whole(condition["condition"]):
                head = condition["head"] if kept else ""
                yield Mutant(model, number, line, head + kept)


def _is_whole(condition: str) -> bool:
    return condition.count("(") == condition.count(")") and not condition.endswith(
        (" between", " in", "case", "exists")
    )


def load_figures(models: CompiledModels) -> None:
    """A few companies' bundled facts, those that some line uses."""
    concepts = {
        line.split(",")[2]
        for line in (PROJECT / "seeds" / "line_concepts.csv").read_text().splitlines()[1:]
    }
    for cik in COMPANIES_USED:
        request = httpx.Request("GET", companyfacts_url(sample.SEC_DATA_URL, cik))
        body = SampleTransport().handle_request(request).read()
        facts = [
            fact
            for fact in sec.parse_companyfacts(body, cik).rows[FACTS]
            if isinstance(fact, SecFact) and fact.concept in concepts
        ]
        name = f"Company {cik}"
        models.load(
            {
                COMPANIES: [SecCompany(cik, "companyfacts", name, *(None,) * 7)],
                TICKERS: [SecTicker(cik, f"T{cik}", name)],
                FACTS: facts,
            }
        )


class Laboratory:
    """A copy of the project and a warehouse in which mutants are built and tested."""

    def __init__(self, warehouse: Warehouse, project: Path, target: Path) -> None:
        self.warehouse = warehouse
        self.project = project
        self.target = target
        self.to_repair: set[str] = set()

    def unit_tests(self, model: str) -> str:
        """Run the unit tests of a model, which touch no table: `passed`, `failed` or `invalid`."""
        return self._run("test", "--select", f"{model},test_type:unit")

    def build(self, *models: str) -> str:
        """Build models with all that follows from them: `passed`, `failed` or `invalid`."""
        chosen = ("--select", *(f"{model}+" for model in models)) if models else ()
        return self._run("build", "--fail-fast", *chosen)

    def _run(self, command: str, *options: str) -> str:
        from dbt.cli.main import dbtRunner

        arguments = [
            *("--quiet", command, *options, "--threads", "4"),
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target-path", str(self.target), "--log-path", str(self.target)),
            *("--vars", f'{{"as_of": "{AS_OF}"}}'),
        ]
        with contextlib.redirect_stdout(io.StringIO()):
            result = dbtRunner().invoke(arguments)
        if result.success:
            return "passed"
        statuses = {
            (str(r.status), r.node.resource_type.value)
            for r in getattr(result, "result", None) or ()
        }
        broken = result.exception is not None or ("error", "model") in statuses
        return "invalid" if broken else "failed"

    def wrong_cells(self) -> int:
        with psycopg.connect(self.warehouse.psycopg_dsn()) as connection:
            row = connection.execute(
                "select count(*) from build.mart_accuracy_certificate"
                " where verdict in ('wrong', 'invented')"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def verdict(self, mutant: Mutant) -> str:
        """What the tests say of a mutant: `killed`, `survived` or `invalid`."""
        path = self.project / mutant.model.relative_to(PROJECT)
        sound = path.read_text()
        lines = sound.splitlines()
        lines[mutant.line_number - 1] = mutant.after
        path.write_text("\n".join(lines) + "\n")
        try:
            outcome = self.unit_tests(mutant.model.stem)
            if outcome == "passed":
                # What the mutant before left behind is built anew with it.
                outcome = self.build(mutant.model.stem, *self.to_repair)
                self.to_repair = {mutant.model.stem}
                if outcome == "passed":
                    outcome = "failed" if self.wrong_cells() else "survived"
        finally:
            path.write_text(sound)
        return {"failed": "killed"}.get(outcome, outcome)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=200, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1, help="which of all mutants are tried")
    parser.add_argument("--models", default="", help="names of models, all by default")
    options = parser.parse_args()

    wanted = set(filter(None, options.models.split(",")))
    models = [
        path
        for path in sorted((PROJECT / "models").rglob("*.sql"))
        if (path.stem in wanted if wanted else FINANCIAL.match(path.name))
    ]
    unknown = wanted - {path.stem for path in models}
    if unknown:
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    mutants = [mutant for model in models for mutant in mutants_of(model)]
    random.Random(options.seed).shuffle(mutants)
    mutants = mutants[: options.count]

    home = Path(tempfile.mkdtemp(prefix="corpintel-mutation-"))
    home.chmod(0o755)
    started = time.monotonic()
    counts: Counter[str] = Counter()
    survivors = []
    try:
        project = home / "dbt_project"
        shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target"))
        with open_warehouse(Settings(home=home)) as warehouse:
            with warehouse.engine.begin() as connection:
                migrations.upgrade(connection)
            load_figures(CompiledModels(warehouse, {}))
            with connection_in_environment(warehouse.url):
                laboratory = Laboratory(warehouse, project, home / "target")
                if laboratory.build() != "passed" or laboratory.wrong_cells():
                    print("the unchanged models do not pass their own tests", file=sys.stderr)
                    return 2
                with Progress(disable=not sys.stderr.isatty()) as progress:
                    for mutant in progress.track(mutants, description="mutants"):
                        verdict = laboratory.verdict(mutant)
                        counts[verdict] += 1
                        if verdict == "survived":
                            survivors.append(mutant)
                        print(f"{verdict:9}{mutant}", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)

    tried = counts["killed"] + counts["survived"]
    share = counts["killed"] / tried if tried else 0
    print(
        f"\n{counts['killed']} of {tried} killed: {share:.1%} (at least {TARGET:.0%} wanted); "
        f"{counts['invalid']} were no valid SQL; {time.monotonic() - started:.0f} s"
    )
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
