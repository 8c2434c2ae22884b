"""What schema marts offers beside the marts themselves: publications, as-of answers, evidence.

All of them read the versioned store or the marts, and compute nothing.
"""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from warehouse.publishing.declared import OPEN_END

_VINTAGES = "fct_financial_vintages"
_FACTS = "fct_financials"
_FILINGS = "mart_filings"
_EVIDENCE = {
    _VINTAGES,
    "fct_financial_inputs",
    "fct_financial_candidates",
    "dim_rules",
    _FILINGS,
}

_WATCHED = {"fct_alerts", "mart_company_performance", "mart_anomalies", "mart_restatements"}

_PUBLICATIONS = """
select
    p.run_id, p.published_at, p.as_of, p.content_hash, p.git_revision,
    p.dbt_manifest_hash, p.row_counts, p.rows_changed, r.data_kind,
    p.run_id = (select c.run_id from ops.current_publication c) as is_current,
    p.forced_reason, p.timings
from ops.publications p
join ops.runs r on r.run_id = p.run_id
order by p.run_id desc
"""

_DIGESTS = """
select d.company_id, d.mart, d.digest, d.row_count, d.valid_from_run as since_run
from ops.company_digests d
cross join ops.current_publication c
where d.valid_from_run <= c.run_id and d.valid_to_run > c.run_id
    and to_regclass('marts.' || d.mart) is not null
"""

# Cells that a publication gave or took: rows that readers have since it, and had until it. Runs in
# between, from which readers were moved back, have no part in it.
_MOVED_KEY = ("cik", "line", "period_type", "period_end")
_MOVED = ("value", "currency", "status", "blank_reason", "accession", "known_from", "rule")
_TOLD = ("company_id", "ticker", "fiscal_year", "fiscal_quarter")
_RUN_CHANGES = """
select
    p.run_id, p.published_at, p.as_of, p.previous_run_id,
    c.company_id, c.cik, c.ticker, c.line, c.period_type, c.period_end, c.fiscal_year,
    c.fiscal_quarter, c.currency_before, c.currency, c.value_before, c.value,
    c.status_before, c.status, c.blank_reason_before, c.blank_reason,
    case
        when c.value_before <> 0 and c.currency = c.currency_before
            then round(c.value / abs(c.value_before) - sign(c.value_before), 6)
    end as change_pct,
    case
        when p.previous_run_id is null then 'first_publication'
        when not c.is_shown then 'gone'
        when c.value is null and 'source_down' in (c.blank_reason_before, c.blank_reason)
            then 'outage'
        when c.value_before is null and c.blank_reason in ('not_due', 'not_filed') then 'calendar'
        when c.known_from > (b.as_of + time '23:59:59') at time zone 'America/New_York'
            then case when c.value_before is null then 'new_filing' else 'restatement' end
        when c.accession <> coalesce(c.accession_before, '') and not exists (
            select 1 from {filings} f
            where f.cik = c.cik and f.accession = c.accession and f.fact_count > 0
                and f.valid_from_run <= p.previous_run_id
        ) then 'loaded_later'
        when p.dbt_manifest_hash <> b.dbt_manifest_hash then 'rules'
        else 'inputs'
    end as why,
    c.rule_before, c.rule, c.accession_before, c.accession, c.known_from
from (
    select
        run_id, {key}, bool_or(not is_before) as is_shown,
        {told}, {after}, {before}
    from (
        select q.run_id, false as is_before, {columns}
        from ops.publications q
        join {store} s
            on s.valid_from_run > coalesce(q.previous_run_id, 0) and s.valid_from_run <= q.run_id
            and s.valid_to_run > q.run_id
        union all
        select q.run_id, true, {columns}
        from ops.publications q
        join {store} s
            on s.valid_from_run <= q.previous_run_id and s.valid_to_run > q.previous_run_id
            and s.valid_to_run <= q.run_id
            -- Said so that the index of closed rows, which are few, serves.
            and s.valid_to_run < {open_end}
    ) moved
    group by run_id, {key}
) c
join ops.publications p on p.run_id = c.run_id
left join ops.publications b on b.run_id = p.previous_run_id
where (c.value, c.currency, c.status, c.blank_reason)
    is distinct from (c.value_before, c.currency_before, c.status_before, c.blank_reason_before)
"""

# Publications are counted along those that readers had before each other, so that an alert of a run
# from which they were moved back has no part in it; a row covers [first, after) of them. Another
# filing that restates begins the alert anew.
_ALERTS = """
with recursive chain as (
    select p.run_id, p.previous_run_id, p.as_of
    from ops.publications p join ops.current_publication c on c.run_id = p.run_id
    union all
    select p.run_id, p.previous_run_id, p.as_of
    from chain join ops.publications p on p.run_id = chain.previous_run_id
),
counted as (
    select array_agg(run_id order by run_id) as runs, array_agg(as_of order by run_id) as days,
        count(*)::int as newest
    from chain
),
versions as (
    select v.*, width_bucket(v.valid_from_run - 1, c.runs) + 1 as first,
        width_bucket(v.valid_to_run - 1, c.runs) + 1 as after, c.runs, c.days, c.newest
    from {alerts} v cross join counted c
),
begun as (
    select *, (first, known_from) is distinct from (lag(after) over in_time,
        lag(known_from) over in_time) as is_begun
    from versions where first < after
    window in_time as (partition by company_id, alert order by first)
),
stood as (
    select *, max(case when is_begun then first end) over in_time as since,
        lead(first) over in_time as next_version
    from begun
    window in_time as (partition by company_id, alert order by first)
),
told as (
    select *, after > newest as stands, runs[newest] as run_id, runs[newest - 1] as run_before
    from stood where after > newest or (after = newest and next_version is null)
),
valued as (
    select t.*, n.company_id is not null as is_listed, b.company_id is not null as was_listed,
        now.value as value_now, was.value as value_before,
        exists (
            select from {restatements} r
            where r.company_id = t.company_id and r.line = t.line
                and r.period_length = t.period_length and r.period_end = t.period_end
                and r.known_from = t.known_from
                and r.valid_from_run <= case when t.stands then t.run_before else t.run_id end
                and r.valid_to_run > case when t.stands then t.run_before else t.run_id end
        ) as is_old_change
    from told t
    left join {figures} n on n.company_id = t.company_id
        and n.valid_from_run <= t.run_id and n.valid_to_run > t.run_id
    left join {figures} b on b.company_id = t.company_id
        and b.valid_from_run <= t.run_before and b.valid_to_run > t.run_before
    cross join lateral ({now}) now
    cross join lateral ({before}) was
)
select
    company_id, ticker, alert, measure, value_before,
    case when stands then value else value_now end as value,
    condition, threshold,
    case when not stands then 'cleared' when since = newest then 'new' else 'still' end as state,
    runs[since] as since_run_id, days[since] as since, what_to_do,
    case
        when stands and since < newest then 'stands'
        when newest = 1 then 'first_publication'
        when not stands and not is_listed then 'gone'
        when not stands and stands_until < days[newest] then 'passed'
        when stands and not was_listed then 'listed'
        when is_old_change then 'rule_changed'
        when not stands and value_now is null then 'figure_lost'
        when stands and line is not null then 'restated'
        when stands and value_before is null then 'figure_came'
        when value_before = value_now then 'rule_changed'
        else 'figure_moved'
    end as why,
    line, period_length, period_end, currency, previous_value, restated_value, known_from,
    stands_until, cell_count
from valued
"""

# A rule's measure as of a run, read as the model fct_alerts reads it: a test holds them together.
# What was restated is measured where it is beyond its rule, which is in the alert itself.
_MEASURED = """
select case
    when t.line is not null then (
        select a.value from {alerts} a
        where a.company_id = t.company_id and a.alert = t.alert
            and a.valid_from_run <= {run} and a.valid_to_run > {run}
    )
    when t.measure = 'anomaly_score' then (
        select max(abs(a.score)) from {anomalies} a
        where a.company_id = t.company_id
            and a.valid_from_run <= {run} and a.valid_to_run > {run}
    )
    when t.measure like '%=%' then
        (to_jsonb({row}) ->> split_part(t.measure, '=', 1) = split_part(t.measure, '=', 2))::int
    when jsonb_typeof(to_jsonb({row}) -> t.measure) = 'boolean'
        then (to_jsonb({row}) ->> t.measure)::boolean::int
    else (to_jsonb({row}) ->> t.measure)::numeric
end as value
"""

# What the columns of the marts behind the faces mean.
_DESCRIBED = """
select attname, max(col_description(attrelid, attnum))
from pg_attribute
where attrelid in (
    to_regclass('marts.fct_financial_vintages'), to_regclass('marts.fct_financials')
) and attnum > 0 and col_description(attrelid, attnum) is not null
group by attname
"""

# A plain SQL function over a view is inlined, so that conditions on its answer reach the index.
_BY_LOAD = "select {columns}, valid_from_run, valid_to_run from {store}"

_AS_OF = """
create or replace function marts.financials_as_of(
    known_at timestamptz, loaded_before timestamptz default 'infinity'
)
returns setof marts.fct_financials
language sql stable parallel safe
as $function$
    select {columns}
    from marts.financial_vintages_by_load v
    cross join (
        select case
            when loaded_before = 'infinity' then max(run_id) filter (where is_current)
            else max(run_id) filter (where published_at < loaded_before)
        end as run_id
        from marts.publications
    ) loaded
    where v.known_from <= known_at and (v.known_to > known_at or v.known_to is null)
        and v.valid_from_run <= loaded.run_id and v.valid_to_run > loaded.run_id
$function$;
comment on function marts.financials_as_of(timestamptz, timestamptz) is
'What fct_financials said, or would have said, at the instant known_at, from what was published '
'before loaded_before: nothing filed later, and nothing loaded later, has a part in it.';

create or replace function marts.known_instant(said text)
returns timestamptz
language plpgsql stable parallel safe
as $function$
begin
    if said ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}$' then
        return (said::date + time '23:59:59') at time zone 'America/New_York';
    elsif said ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}[T ]\\d'
        and said ~* '(Z|[+-]\\d{{2}}(:?\\d{{2}})?| [a-z_]+/[a-z_/]+)$'
    then
        return said::timestamptz;
    end if;
    raise exception '"%" is no day and no instant with a time zone', said
        using errcode = 'invalid_datetime_format',
        hint = 'Give a day such as 2024-03-01, which means its end in New York, or an instant such '
        'as 2024-03-01 16:05:00-05.';
end
$function$;
comment on function marts.known_instant(text) is
'The instant that a text means: the end of a day in New York, or an instant with its time zone. '
'One without a time zone would mean another instant to each client, and is refused.';

create or replace function marts.financials_as_of(
    known_at text, loaded_before timestamptz default 'infinity'
)
returns setof marts.fct_financials
language sql stable parallel safe
as $function$
    select * from marts.financials_as_of(marts.known_instant(known_at), loaded_before)
$function$;
comment on function marts.financials_as_of(text, timestamptz) is
'The same for a text: a day, which means its end in New York, or an instant with its time zone.';

create or replace function marts.financials_as_of(
    known_at date, loaded_before timestamptz default 'infinity'
)
returns setof marts.fct_financials
language sql stable parallel safe
as $function$
    select * from marts.financials_as_of(
        (known_at + time '23:59:59') at time zone 'America/New_York', loaded_before
    )
$function$;
comment on function marts.financials_as_of(date, timestamptz) is
'The same for a day, which means its end in New York.';

create or replace function marts.financials_as_of(
    known_at timestamp, loaded_before timestamptz default 'infinity'
)
returns setof marts.fct_financials
language sql stable parallel safe
as $function$
    select * from marts.financials_as_of(marts.known_instant(known_at::text), loaded_before)
$function$;
comment on function marts.financials_as_of(timestamp, timestamptz) is
'Refused: an instant without a time zone means another one to each client.'
"""

_EXPLAINED = """
select
    v.company_id, v.cik, v.ticker, v.line, v.period_type, v.period_start, v.period_end,
    v.fiscal_year, v.fiscal_quarter, v.currency, v.value, v.status, v.blank_reason,
    v.derivation, v.rule,
    r.formula, r.reason, v.known_from, v.known_to, v.split_factor,
    (
        select jsonb_agg(
            jsonb_build_object(
                'weight', i.weight, 'value', i.input_value, 'unit', i.input_unit,
                'concept', i.input_concept, 'start', i.input_start, 'end', i.input_end,
                'accession', i.input_accession, 'form', i.input_form,
                'filed', i.input_filed_date,
                'url', (
                    select f.url from marts.mart_filings f
                    where f.cik = i.cik and f.accession = i.input_accession
                )
            )
            order by i.input_number
        )
        from marts.fct_financial_inputs i
        where i.cik = v.cik and i.line = v.line and i.period_type = v.period_type
            and i.period_end = v.period_end and i.known_from = v.known_from
    ) as inputs,
    (
        select jsonb_agg(
            jsonb_build_object(
                'verdict', c.verdict, 'value', c.value, 'unit', c.unit,
                'concept', c.concept, 'start', c.period_start, 'end', c.period_end,
                'accession', c.accession, 'form', c.form, 'filed', c.filed_date,
                'url', (
                    select f.url from marts.mart_filings f
                    where f.cik = c.cik and f.accession = c.accession
                )
            )
            order by c.candidate_number
        )
        from marts.fct_financial_candidates c
        where c.cik = v.cik and c.line = v.line and c.period_end = v.period_end
            and c.period_length = case v.period_type when 'ttm' then 'annual' else v.period_type end
            and c.known_from < coalesce(v.known_to, 'infinity')
    ) as candidates
from marts.fct_financial_vintages v
left join marts.dim_rules r on r.rule = v.rule
"""

_COLUMN_COMMENTS = {
    "publications": {
        "run_id": "The run that published.",
        "published_at": "When it did.",
        "as_of": "Its logical date and knowledge cut.",
        "content_hash": "sha256 over the marts' rows: equal for equal content.",
        "git_revision": "Commit of the checkout that ran; null for an installed package.",
        "dbt_manifest_hash": "sha256 over the models and seeds that were built.",
        "row_counts": "Rows by mart.",
        "rows_changed": "Rows that readers lost or got.",
        "data_kind": "sample or live.",
        "is_current": "Whether schema marts shows it.",
        "forced_reason": "Who overrode which gates and why; null where none was.",
        "timings": "Seconds of the run by step, up to its publication.",
    },
    "company_digests": {
        "company_id": "The company.",
        "mart": "The mart.",
        "digest": "sha256 over the company's rows in the mart: equal for equal content.",
        "row_count": "How many rows these are.",
        "since_run": "The run whose publication brought this content.",
    },
    "financial_vintages_by_load": {
        "valid_from_run": "The first run that showed the row.",
        "valid_to_run": "The first run that no longer showed it.",
    },
    "mart_run_changes": {
        "run_id": "The run whose publication moved the cell.",
        "published_at": "When it did.",
        "as_of": "Its logical date and knowledge cut.",
        "previous_run_id": "The run whose publication readers had before it.",
        "currency_before": "The currency of the value before.",
        "value_before": "The value that was shown before; null where it was blank or not there.",
        "value": "The value that it shows; null where it is blank or no longer there.",
        "status_before": "ok or blank; null where the cell was not there.",
        "status": "ok or blank; null where the cell is no longer there.",
        "blank_reason_before": "Why it was blank.",
        "blank_reason": "Why it is blank.",
        "change_pct": "The change as a share of the value before; null where there is none, or one"
        " in another currency.",
        "why": "first_publication; new_filing: filed since the publication before; restatement: a"
        " filing since then says another value, or contradicts it; loaded_later: by a filing of"
        " before, which was not loaded; rules: our models changed; calendar: a period is awaited or"
        " overdue; outage: its source could not be asked, or can again; inputs: a neighbouring cell"
        " or period moved; gone: no longer shown.",
        "rule_before": "The rule by which the value before came about.",
        "rule": "The rule by which the value comes about.",
        "accession_before": "The filing that gave the value before.",
        "accession": "The filing that gives the value.",
        "known_from": "The instant at which the public knew what is shown.",
    },
    "mart_alerts": {
        "company_id": "The company.",
        "ticker": "Its ticker.",
        "alert": "Name of the rule in alert_rules.",
        "measure": "The column of mart_company_performance; column=word is 1 where it has that"
        " word; anomaly_score is the largest distance in mart_anomalies; restatement_pct, of one"
        " line or of any, is the largest change of the newest filing that restated.",
        "value_before": "The measure in the publication before; null where it was blank, and of"
        " restatement_pct where it was not beyond the rule.",
        "value": "The measure; of an alert that is over null where it is blank now, and of"
        " restatement_pct always.",
        "condition": "Whether at_least or at_most the threshold raises the alert.",
        "threshold": "The value that raises it, in the measure's unit.",
        "state": "new: not raised in the publication before, or another filing restated since;"
        " still: raised there too; cleared: raised there and no longer.",
        "since_run_id": "The run whose publication raised it; it stood in all since.",
        "since": "The logical date of that publication.",
        "what_to_do": "What to look at first.",
        "why": "first_publication; listed: the company was not there before; figure_came: it was"
        " blank; figure_moved; restated: a filing changed the line; rule_changed: the figure or the"
        " change is as before, the rule, or whether it matters, is not; stands; figure_lost: it is"
        " blank now, or the change is no longer told; passed: the filing that restated is"
        " more than 30 days old; gone: the company is no longer listed.",
        "line": "The line that the newest filing changed most; null, as all after it, for a rule on"
        " figures.",
        "period_length": "How long it is: quarter, half_year, nine_months, annual, or instant.",
        "period_end": "The last day of its period.",
        "currency": "The currency of both values; null for shares.",
        "previous_value": "The line's value before the change.",
        "restated_value": "Its value after the change.",
        "known_from": "The instant from which the restated value was public; with company, line and"
        " period the key of mart_restatements.",
        "stands_until": "The last logical date on which the alert stands.",
        "cell_count": "How many values of lines that filing changed beyond the rule.",
    },
    "financials_explained": {
        "formula": "The arithmetic of the rule, in words.",
        "reason": "Why the rule may be used.",
        "inputs": "The facts behind the value: weight, value, concept, period, filing and its URL.",
        "candidates": "All facts that the cell could have been made of, each with its verdict.",
    },
}
_COMMENTS = {
    "mart_run_changes": "What each publication moved: every cell of fct_financials that got another"
    " value, as reported, or status than the publication before it had, and why. One row per"
    " publication, company, line and period.",
    "mart_alerts": "Figures beyond a rule of alert_rules in the current publication, and lines that"
    " a filing of the last 30 days restated beyond one, beside the publication that readers had"
    " before it. One row per company and alert.",
    "publications": "One row per publication, newest first.",
    "company_digests": "One row per company and mart: what tells whether a company's rows differ"
    " from those of another publication or another warehouse, without reading them.",
    "financial_vintages_by_load": "Every version of fct_financial_vintages that was ever published,"
    " with the runs [valid_from_run, valid_to_run) that showed it. Ask marts.financials_as_of.",
    "financials_explained": "Every vintage of every cell with its rule, the facts behind it and all"
    " facts that it could have been made of by then.",
}


# What we make in schema marts beside the marts, and the face that has the columns of a mart.
FACES = frozenset({*_COMMENTS, "financials_as_of", "known_instant"})
COLUMNS_OF = {"financial_vintages_by_load": _VINTAGES}


def ensure_faces(connection: psycopg.Connection[Any], mart_columns: dict[str, list[str]]) -> None:
    """Create or renew the faces; `mart_columns` maps each published mart to its view's columns."""
    _ensure_view(connection, "publications", sql.SQL(_PUBLICATIONS))
    if {_FACTS, _VINTAGES} <= mart_columns.keys():
        _ensure_view(connection, "company_digests", sql.SQL(_DIGESTS))
        _ensure_view(
            connection,
            "financial_vintages_by_load",
            sql.SQL(_BY_LOAD).format(
                columns=sql.SQL(", ").join(map(sql.Identifier, mart_columns[_VINTAGES])),
                store=sql.Identifier("published", _VINTAGES),
            ),
        )
        connection.execute(
            sql.SQL(_AS_OF).format(
                columns=sql.SQL(", ").join(
                    sql.Identifier("v", name) for name in mart_columns[_FACTS]
                )
            )
        )
    cells = {*_MOVED_KEY, *_MOVED, *_TOLD}
    if cells <= set(mart_columns.get(_FACTS, ())) and "fact_count" in mart_columns.get(
        _FILINGS, ()
    ):
        connection.execute(
            sql.SQL("create index if not exists {} on {} (valid_from_run)").format(
                sql.Identifier(f"{_FACTS}_by_first_run"), sql.Identifier("published", _FACTS)
            )
        )
        _ensure_view(connection, "mart_run_changes", _run_changes())
    # A warehouse of an earlier release has rows of alerts on figures alone until it is published.
    if mart_columns.keys() >= _WATCHED and "known_from" in mart_columns["fct_alerts"]:
        _ensure_view(connection, "mart_alerts", _alerts())
    if mart_columns.keys() >= _EVIDENCE:
        _ensure_view(
            connection,
            "financials_explained",
            sql.SQL(_EXPLAINED),
        )


def _alerts() -> sql.Composed:
    def measured(row: str, run: str) -> sql.Composed:
        return sql.SQL(_MEASURED).format(
            row=sql.Identifier(row),
            run=sql.Identifier("t", run),
            anomalies=sql.Identifier("published", "mart_anomalies"),
            alerts=alerts,
        )

    alerts = sql.Identifier("published", "fct_alerts")

    return sql.SQL(_ALERTS).format(
        alerts=alerts,
        restatements=sql.Identifier("published", "mart_restatements"),
        figures=sql.Identifier("published", "mart_company_performance"),
        now=measured("n", "run_id"),
        before=measured("b", "run_before"),
    )


def _run_changes() -> sql.Composed:
    def each(shape: str, names: Iterable[str]) -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL(shape).format(name=sql.Identifier(n)) for n in names)

    def of(is_before: str, name: str, called: str) -> sql.Composed:
        # A cell has one row on either side, so that any aggregate takes its value.
        return sql.SQL("(array_agg({}) filter (where {}))[1] as {}").format(
            sql.Identifier(name), sql.SQL(is_before), sql.Identifier(called)
        )

    comma = sql.SQL(", ")
    return sql.SQL(_RUN_CHANGES).format(
        key=each("{name}", _MOVED_KEY),
        told=each(
            "coalesce((array_agg({name}) filter (where not is_before))[1],"
            " (array_agg({name}) filter (where is_before))[1]) as {name}",
            _TOLD,
        ),
        after=comma.join(of("not is_before", name, name) for name in _MOVED),
        before=comma.join(of("is_before", name, f"{name}_before") for name in _MOVED),
        columns=each("s.{name}", (*_MOVED_KEY, *_TOLD, *_MOVED)),
        store=sql.Identifier("published", _FACTS),
        open_end=sql.Literal(OPEN_END),
        filings=sql.Identifier("published", _FILINGS),
    )


def _ensure_view(connection: psycopg.Connection[Any], name: str, query: sql.Composable) -> None:
    """Create the view, or give it the columns that it lacks.

    To replace a view is to wait for its readers, so one with the right columns is left alone; a
    change behind the same columns needs a migration.
    """
    asked = connection.execute(sql.SQL("select * from ({}) query limit 0").format(query))
    wanted = [column.name for column in asked.description or ()]
    stored = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0"
        " order by attnum",
        (f"marts.{name}",),
    ).fetchall()
    existing = [row[0] for row in stored]
    if set(existing) == set(wanted):
        return
    view = sql.Identifier("marts", name)
    # PostgreSQL lets a replaced view only gain columns at its end.
    ordered = existing + [column for column in wanted if column not in existing]
    connection.execute(
        sql.SQL("create or replace view {} as select {} from ({}) query").format(
            view, sql.SQL(", ").join(map(sql.Identifier, ordered)), query
        )
    )
    connection.execute(
        sql.SQL("comment on view {} is {}").format(view, sql.Literal(_COMMENTS[name]))
    )
    described = dict(connection.execute(_DESCRIBED).fetchall()) | _COLUMN_COMMENTS[name]
    for column in wanted:
        if column in described:
            connection.execute(
                sql.SQL("comment on column {} is {}").format(
                    sql.Identifier("marts", name, column), sql.Literal(described[column])
                )
            )
    connection.execute(sql.SQL("grant select on {} to corpintel_reader").format(view))
