"""The gate: runs a table's suite on its staged batch and says which rules the batch breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import create_engine, text

from expectations.rules import Rule

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )


class SuiteError(RuntimeError):
    """A suite that cannot judge: no rule, an exception, or a verdict that disagrees with SQL."""


@dataclass(frozen=True)
class Verdict:
    """The result of one rule on one staged table; counts are rows."""

    table_name: str
    rule: str
    expectation: str
    is_success: bool
    evaluated_rows: int
    failed_rows: int
    is_row_rule: bool


def open_gate() -> "AbstractDataContext":
    """Make the ephemeral context that `validate` uses; importing the library takes seconds."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def validate(
    context: "AbstractDataContext",
    database_url: str,
    stage_table: str,
    table_name: str,
    rules: Sequence[Rule],
) -> list[Verdict]:
    """Judge stage.<stage_table> by the rules of raw table `table_name`.

    Raises SuiteError when there is no rule, when an expectation fails to run, or when a verdict
    counts other rows than the rule's predicate would set aside.
    """
    import great_expectations as gx

    if not rules:
        raise SuiteError(f"{table_name} has no rule: a suite without one passes everything")
    source_name = f"stage_{stage_table}"
    source = context.data_sources.add_postgres(name=source_name, connection_string=database_url)
    try:
        asset = source.add_table_asset(
            name=stage_table, table_name=stage_table, schema_name="stage"
        )
        batch = asset.add_batch_definition_whole_table("whole").get_batch()

        def judge(some: Sequence[Rule], detail: Literal["BOOLEAN_ONLY", "BASIC"]) -> dict[str, Any]:
            suite = gx.ExpectationSuite(
                name=stage_table, expectations=[_expectation(rule) for rule in some]
            )
            return {
                item.expectation_config.meta["rule"]: item
                for item in batch.validate(suite, result_format=detail).results
                if item.expectation_config is not None
            }

        # Asked for counts, the library reads the table again for each rule, to show bad values; so
        # it is asked for them where it found some.
        outcomes = judge(rules, "BOOLEAN_ONLY")
        failed = [
            rule for rule in rules if rule.name in outcomes and not outcomes[rule.name].success
        ]
        outcomes |= judge(failed, "BASIC") if failed else {}
    finally:
        # The library leaves its two pools of connections to the garbage collector.
        source.get_execution_engine().close()
        source.get_engine().dispose()
        context.data_sources.delete(source_name)
    if len(outcomes) != len(rules):
        raise SuiteError(f"{table_name}: {len(rules)} rules but {len(outcomes)} verdicts")
    # First: the predicate of an expectation that cannot run may itself be unable to.
    for name, outcome in outcomes.items():
        raised = _raised(outcome.exception_info or {})
        if raised:
            raise SuiteError(f"{table_name}.{name} could not be judged: {raised}")
    counted = _count_by_predicate(database_url, stage_table, rules)
    return [_verdict(table_name, rule, outcomes[rule.name], counted) for rule in rules]


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations as gxe

    name = "".join(part.capitalize() for part in rule.expectation.split("_"))
    meta = {"rule": rule.name, "reject_where": rule.reject_where}
    return getattr(gxe, name)(**rule.arguments, meta=meta)


def _count_by_predicate(
    database_url: str, stage_table: str, rules: Sequence[Rule]
) -> dict[str, int]:
    """Rows of the batch in all, under "", and per row rule the rows its predicate finds."""
    row_rules = [rule for rule in rules if rule.reject_where]
    counts = ", ".join(f"count(*) filter (where {rule.reject_where})" for rule in row_rules)
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            row = connection.execute(
                text(f'select count(*){"," if counts else ""} {counts} from stage."{stage_table}"')
            ).one()
    finally:
        engine.dispose()
    return dict(zip(["", *(rule.name for rule in row_rules)], row, strict=True))


def _raised(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation's exception, which may lie one level down, by metric."""
    for found in (info, *info.values()):
        if isinstance(found, Mapping) and found.get("raised_exception"):
            return " ".join(str(found["exception_message"]).split())[:500]
    return None


def _verdict(table_name: str, rule: Rule, outcome: Any, counted: dict[str, int]) -> Verdict:
    failed = int(outcome.result.get("unexpected_count") or 0)
    if rule.reject_where is not None and failed != counted[rule.name]:
        raise SuiteError(
            f"{table_name}.{rule.name}: the expectation counts {failed} rows and its predicate "
            f"{counted[rule.name]}; rewrite one of them"
        )
    return Verdict(
        table_name=table_name,
        rule=rule.name,
        expectation=rule.expectation,
        is_success=bool(outcome.success),
        evaluated_rows=counted[""],
        failed_rows=failed,
        is_row_rule=rule.reject_where is not None,
    )
