"""How many faults in the financial models would the dbt tests notice?

    python -m tests.mutation [--count N] [--seed N] [--models NAME,...]

Works on what dbt compiles, macros included, and a throw-away warehouse with real figures: one
operator, filter, join or order of one model is changed at a time. The model's unit tests run with
it; where they pass, the model and all that follows from it are made and tested in a transaction
that is taken back. The change counts as killed when a unit test or data test fails, or when a
hand-checked cell turns wrong, which would block the publication. Changes that are no valid SQL are
not counted.
"""

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader
from rich.progress import Progress

import migrations
from connectors.sec import FACTS
from connectors.sec import parse as sec
from tests.dbt import kinds
from tests.dbt.compiled import AS_OF, CompiledModels, Model
from tests.dbt.facts import registrant, sample_body, used_concepts
from tests.dbt.project import run_dbt
from warehouse.building.workplace import working_connection
from warehouse.db import open_warehouse
from warehouse.settings import Settings

TARGET = 0.85
FINANCIAL = re.compile(
    r"int_(facts|reports|cells|periods|fiscal_years|splits|filings|restatements)__"
    r"|(fct_financial_(inputs|candidates)|mart_restatements)$"
)
# A company that restates, one with a split, one in another currency, one without quarters missing.
BUNDLED = (1093691, 1045810, 1046179, 1562088)
# Trailing years and a misdated table, balances of another basis, signs, scale, a shell's successor.
OF_OTHER_KINDS = {1018724, 4962, 1061219, 21344, 1674101}

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
    """One change of one line of a compiled model: other text between two columns of it."""

    model: str
    line_number: int
    line: str
    start: int
    end: int
    text: str

    def applied_to(self, line: str) -> str:
        """The line, changed; as it was where it does not begin as the mutant's does."""
        if line[: self.start] != self.line[: self.start]:
            return line
        return line[: self.start] + self.text + line[self.end :]

    def __str__(self) -> str:
        after = self.applied_to(self.line)
        return f"{self.model}:{self.line_number}: {self.line.strip()} -> {after.strip()}"


def mutants_of(model: Model) -> Iterator[Mutant]:
    """Every change that the operators make of the lines of the model's query, but of comments."""
    for number, line in enumerate(model.query.splitlines()):
        if line.lstrip().startswith("--"):
            continue
        for pattern, replacement in SWAPS:
            for found in re.finditer(pattern, line):
                inside = line[: found.start(1)]
                if inside.count("'") % 2:
                    continue
                # One value a line is spread into columns: any aggregate of it is the same.
                if found[1] == "max" and "(value) filter (where line = '" in line:
                    continue
                # `between a and b` is one operator.
                if found[1] == "and" and "between" in inside:
                    continue
                yield Mutant(model.name, number, line, *found.span(1), replacement)
        for dropped, kept in ((CONDITION, ""), (FILTER, "true")):
            condition = dropped.match(line)
            if condition and _is_whole(condition["condition"]):
                start = condition.start("condition") if kept else 0
                yield Mutant(model.name, number, line, start, len(line), kept)


def _is_whole(condition: str) -> bool:
    return condition.count("(") == condition.count(")") and not condition.endswith(
        (" between", " in", "case", "exists")
    )


def load_figures(models: CompiledModels) -> None:
    """A few companies' facts, those that some line uses."""
    found: dict[int, Sequence[Any]] = {
        cik: sec.parse_companyfacts(sample_body(cik), cik).rows[FACTS] for cik in BUNDLED
    }
    found |= {filer.cik: filer.facts for filer in kinds.filers() if filer.cik in OF_OTHER_KINDS}
    for cik, facts in found.items():
        used: list[Any] = [fact for fact in facts if fact[2] in used_concepts()]
        models.load(registrant(cik, f"T{cik}") | {FACTS: used})


@dataclass
class Laboratory:
    """Compiled models with their tests, and a warehouse in which mutants are made and tested."""

    models: CompiledModels
    # By model: the SQL of its unit tests, which give the rows that are and those that should be.
    unit_tests: dict[str, list[str]]
    # By data test: the models that it reads.
    read_by_test: dict[str, set[str]]

    @classmethod
    def furnish(cls, models: CompiledModels, target: Path) -> "Laboratory":
        """Take the unit tests that dbt compiled, and the data tests that hold a company back."""
        nodes = models.manifest["nodes"]
        unit_tests: dict[str, list[str]] = {}
        for node in models.manifest["unit_tests"].values():
            [path] = (target / "run").rglob(f"{node['name']}.sql")
            unit_tests.setdefault(node["model"], []).append(path.read_text())
        read_by_test = {
            node["name"]: {
                nodes[key]["name"] for key in node["depends_on"]["nodes"] if key in nodes
            }
            for node in nodes.values()
            if node["resource_type"] == "test" and node["config"]["severity"].lower() == "error"
        }
        return cls(models, unit_tests, read_by_test)

    def followers(self, name: str) -> list[Model]:
        """The model and all that follows from it, in order."""
        met = {name}
        ordered = []
        for model in self.models.in_order(tuple(self.models.models)):
            if model.name == name or met & set(model.parents):
                met.add(model.name)
                ordered.append(model)
        return ordered

    def verdict(self, connection: psycopg.Connection[Any], mutant: Mutant) -> str:
        """What the tests say of a mutant: `killed`, `survived` or `invalid`."""
        try:
            with connection.transaction(force_rollback=True):
                return "killed" if self._is_noticed(connection, mutant) else "survived"
        except psycopg.Error as error:
            return "invalid" if error.sqlstate and error.sqlstate[:2] == "42" else "killed"

    def _is_noticed(self, connection: psycopg.Connection[Any], mutant: Mutant) -> bool:
        sound = self.models.models[mutant.model]
        lines = sound.query.splitlines()
        for test in self.unit_tests.get(mutant.model, ()):
            if not _unit_test_passes(connection, _mutated(test, lines, mutant)):
                return True
        lines[mutant.line_number] = mutant.applied_to(mutant.line)
        changed = Model(**{**vars(sound), "query": "\n".join(lines)})
        followers = self.followers(mutant.model)
        self.models.make(connection, [changed, *followers[1:]])
        return self.fails(connection, {model.name for model in followers})

    def fails(self, connection: psycopg.Connection[Any], changed: set[str]) -> bool:
        """Whether a data test of these models fails, or the certificate finds a cell wrong."""
        for name, read in self.read_by_test.items():
            if read & changed:
                query = f"select 1 from ({self.models.data_tests[name]}) as failures limit 1"
                if connection.execute(query).fetchone():
                    return True
        wrong = connection.execute(
            "select 1 from build.mart_accuracy_certificate where verdict in ('wrong', 'invented')"
        ).fetchone()
        return wrong is not None


def _mutated(unit_test: str, lines: list[str], mutant: Mutant) -> str:
    """The unit test with the mutant's change: its query ends as the model's does."""
    tested = unit_test.splitlines()
    last = max(number for number, line in enumerate(tested) if line.strip() == lines[-1].strip())
    place = last - (len(lines) - 1 - mutant.line_number)
    tested[place] = mutant.applied_to(tested[place])
    return "\n".join(tested)


def _unit_test_passes(connection: psycopg.Connection[Any], query: str) -> bool:
    rows = connection.execute(query).fetchall()
    # The last column tells actual rows from expected ones.
    actual = Counter(repr(row[:-1]) for row in rows if row[-1] == "actual")
    expected = Counter(repr(row[:-1]) for row in rows if row[-1] != "actual")
    return actual == expected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=200, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1, help="which of all mutants are tried")
    parser.add_argument("--models", default="", help="names of models, all by default")
    options = parser.parse_args()
    wanted = set(filter(None, options.models.split(",")))

    home = Path(tempfile.mkdtemp(prefix="corpintel-mutation-"))
    home.chmod(0o755)
    try:
        with open_warehouse(Settings(home=home)) as warehouse:
            with warehouse.engine.begin() as connection:
                migrations.upgrade(connection)
            models = CompiledModels.compile(warehouse, home / "target", AS_OF)
            unknown = wanted - models.models.keys()
            if unknown:
                parser.error(f"no such model: {', '.join(sorted(unknown))}")
            load_figures(models)
            models.build()
            # Run once, so that their SQL is there.
            run_dbt(warehouse, home / "target", AS_OF, "test", "--select", "test_type:unit")
            laboratory = Laboratory.furnish(models, home / "target")
            return try_mutants(laboratory, wanted, options.count, options.seed)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def try_mutants(laboratory: Laboratory, wanted: set[str], count: int, seed: int) -> int:
    """Try so many mutants of these models, or of all financial ones; 0 if enough are killed."""
    models = laboratory.models
    mutants = [
        mutant
        for model in models.models.values()
        if (model.name in wanted if wanted else FINANCIAL.match(model.name))
        for mutant in mutants_of(model)
    ]
    random.Random(seed).shuffle(mutants)
    started = time.monotonic()
    counts: Counter[str] = Counter()
    with working_connection(models.warehouse, models.as_of) as connection:
        # Python has no infinite time: reading one would be an error, and every mutant killed by it.
        connection.adapters.register_loader("timestamptz", TextLoader)
        for test in chain.from_iterable(laboratory.unit_tests.values()):
            if not _unit_test_passes(connection, test):
                raise AssertionError(f"the unchanged models do not pass a unit test: {test}")
        for name in laboratory.read_by_test:
            if laboratory.fails(connection, {name}):
                raise AssertionError(f"the unchanged models do not pass {name}")
        with Progress(disable=not sys.stderr.isatty()) as progress:
            for mutant in progress.track(mutants[:count], description="mutants"):
                verdict = laboratory.verdict(connection, mutant)
                counts[verdict] += 1
                print(f"{verdict:9}{mutant}", flush=True)
    tried = counts["killed"] + counts["survived"]
    share = counts["killed"] / tried if tried else 0
    print(
        f"\n{counts['killed']} of {tried} killed: {share:.1%} (at least {TARGET:.0%} wanted); "
        f"{counts['invalid']} were no valid SQL; {time.monotonic() - started:.0f} s"
    )
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
