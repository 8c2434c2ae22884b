"""Which companies changed since the publication that readers have, and in which domain.

A domain is a folder of dbt's models. What is noted here stays until a publication closes it, so a
night that fails, or a company that is held back, loses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from warehouse.publishing.publications import current_run
from warehouse.tables import SOURCE_TABLES

# The domain that every other one reads: who is listed, and by which names.
FIRST_DOMAIN = "companies"


@dataclass(frozen=True)
class ChangedCompany:
    """A company to build: the domains that changed, and the newest run that found a change.

    One that `has_rows` was kept in the store before.
    """

    company_id: str
    domains: frozenset[str]
    since_run: int
    has_rows: bool


@dataclass(frozen=True)
class Changes:
    """What a night has to build; `reasons` counts companies by why they changed.

    `are_rules_new` says whether rules changed since the last publication.
    """

    companies: Sequence[ChangedCompany]
    reasons: Mapping[str, int]
    are_rules_new: bool


_NOTE = """
insert into ops.changed_companies (company_id, domain, why, since_run)
{found}
on conflict (company_id, domain, why) do update set since_run = excluded.since_run
"""
# A reason that only goes on is no new one: what was built for it is as good as before.
_NOTE_ONCE = """
insert into ops.changed_companies (company_id, domain, why, since_run)
{found}
on conflict (company_id, domain, why) do nothing
"""

_LISTED = """
create temporary table listed_now on commit drop as
select
    companies.company_id,
    md5(row(
        companies.*,
        (
            select array_agg(row(t.*)::text order by row(t.*)::text)
            from intermediate.int_tickers__listed t where t.company_id = companies.company_id
        ),
        (
            select array_agg(row(p.*)::text order by row(p.*)::text)
            from ops.watchlist_predecessors p where p.company_id = companies.company_id
        )
    )::text)::uuid as listed_sha,
    exists (
        select from intermediate.int_companies__unreachable u where u.cik = companies.cik
    ) as is_unreachable
from intermediate.int_companies__listed companies
"""

_NEWLY_LISTED = """
select n.company_id, 'companies', 'listed', %(run)s
from listed_now n left join ops.company_states s using (company_id)
where s.listed_sha is distinct from n.listed_sha
"""
_GONE = """
select gone.company_id, 'companies', 'gone', %(run)s
from (
    select company_id from ops.company_states
    union
    select company_id from ops.company_digests where valid_to_run = 9223372036854775807
) gone
where not exists (select from listed_now n where n.company_id = gone.company_id)
"""
_REACH = """
select n.company_id, 'cells',
    case when n.is_unreachable then 'fetch failed' else 'fetched again' end, %(run)s
from listed_now n join ops.company_states s using (company_id)
where s.is_unreachable <> n.is_unreachable
"""
_REMEMBER = """
insert into ops.company_states (company_id, listed_sha, is_unreachable)
select company_id, listed_sha, is_unreachable from listed_now
on conflict (company_id) do update set
    listed_sha = excluded.listed_sha, is_unreachable = excluded.is_unreachable
"""

# Whose rows arrived, by what the raw table knows the company by.
_OWNERS = {
    "cik": """
        select companies.company_id, a.domain
        from known a
        left join ops.watchlist_predecessors p on p.predecessor_cik = a.subject::bigint
        join intermediate.int_companies__listed companies
            on companies.cik = coalesce(p.cik, a.subject::bigint)
    """,
    "ticker": """
        select tickers.company_id, a.domain
        from known a join intermediate.int_tickers__listed tickers on tickers.ticker = a.subject
    """,
    "company_id": """
        select n.company_id, a.domain from known a join listed_now n on n.company_id = a.subject
    """,
    "sha256": """
        select companies.company_id, a.domain
        from known a
        join raw.filed_documents d on d.sha256 = a.subject
        left join ops.watchlist_predecessors p on p.predecessor_cik = d.cik
        join intermediate.int_companies__listed companies on companies.cik = coalesce(p.cik, d.cik)
        union
        select n.company_id, a.domain
        from known a
        join raw.investor_documents d on d.sha256 = a.subject
        join listed_now n on n.company_id = d.company_id
    """,
    # A rate has a part in periods that end on its day or later; dollars in all of them.
    "currency": """
        select s.company_id, a.domain
        from known a
        join ops.company_states s
            on (a.subject = any(s.currencies) or (a.subject = 'USD' and s.currencies <> '{}'))
            and a.first_day <= s.last_period_end
    """,
}

_EVERYONE = "select company_id, %(domain)s, %(why)s, %(run)s from listed_now"
_CALENDAR = """
select c.company_id, c.domain, 'calendar', %(run)s
from ops.company_clock c join listed_now n using (company_id)
where c.next_day <= %(as_of)s
"""
_ROLLED_BACK = """
select distinct company_id, 'companies', 'rollback', %(run)s
from ops.company_digests
where valid_from_run > %(current)s
    or (valid_to_run > %(current)s and valid_to_run < 9223372036854775807)
"""

_CHANGED = """
select c.company_id, array_agg(distinct c.domain), max(c.since_run), exists (
    select from ops.company_digests d
    where d.company_id = c.company_id and d.valid_to_run = 9223372036854775807
)
from ops.changed_companies c
group by c.company_id order by c.company_id collate "C"
"""


def note_changes(
    connection: psycopg.Connection[Any],
    run_id: int,
    as_of: date,
    rules: Mapping[str, str],
    everyone: bool = False,
) -> Changes:
    """Find what changed, keep it in ops.changed_companies, and return all that is not published.

    `rules` is a hash of what each domain is made by. Reads the listed companies as this night's
    models built them; all in one transaction, so that nothing is seen and then forgotten.
    """
    parameters: dict[str, Any] = {"run": run_id, "as_of": as_of}

    def note(found: str, once: bool = False, **more: Any) -> None:
        connection.execute((_NOTE_ONCE if once else _NOTE).format(found=found), parameters | more)

    with connection.transaction():
        connection.execute(_LISTED)
        note(_NEWLY_LISTED)
        note(_GONE, once=True)
        note(_REACH)
        for why in _reasons_for_everyone(connection, as_of):
            note(_EVERYONE, once=True, domain=FIRST_DOMAIN, why=why)
        if everyone:
            note(_EVERYONE, domain=FIRST_DOMAIN, why="full")
        for domain in _changed_rules(connection, run_id, rules):
            note(_EVERYONE, once=True, domain=domain, why="rules")
        _note_arrivals(connection, parameters)
        note(_CALENDAR, once=True)
        current = current_run(connection)
        if current is not None:
            note(_ROLLED_BACK, once=True, current=current)
        connection.execute(
            "delete from ops.company_states s"
            " where not exists (select from listed_now n where n.company_id = s.company_id)"
        )
        connection.execute(_REMEMBER)
        companies = [
            ChangedCompany(company_id, frozenset(domains), since_run, has_rows)
            for company_id, domains, since_run, has_rows in connection.execute(_CHANGED)
        ]
        reasons = connection.execute(
            "select why, count(distinct company_id) from ops.changed_companies"
            " group by why order by why"
        ).fetchall()
        newest = connection.execute(
            "select max(since_run) > (select max(run_id) from ops.publications)"
            " from ops.domain_rules where domain <> 'reference'"
        ).fetchone()
    return Changes(companies, dict(reasons), bool(newest and newest[0]))


def _reasons_for_everyone(connection: psycopg.Connection[Any], as_of: date) -> list[str]:
    """What nobody's rows can be trusted for: the base of what changed since is not there."""
    row = connection.execute(
        "select (select as_of from ops.publications order by run_id desc limit 1), max(as_of)"
        " from ops.publications"
    ).fetchone()
    assert row is not None
    last, latest = row
    if last is None:
        return ["first publication"]
    if as_of < last:
        return ["earlier day"]
    # What became known after the earlier day was told when it was first reached.
    return ["later than an earlier day"] if last < latest else []


def _changed_rules(
    connection: psycopg.Connection[Any], run_id: int, rules: Mapping[str, str]
) -> list[str]:
    known = dict(connection.execute("select domain, rules_sha from ops.domain_rules").fetchall())
    changed = [domain for domain, sha in rules.items() if known.get(domain) != sha]
    for domain in changed:
        connection.execute(
            "insert into ops.domain_rules (domain, rules_sha, since_run) values (%s, %s, %s)"
            " on conflict (domain) do update set rules_sha = excluded.rules_sha,"
            " since_run = excluded.since_run",
            (domain, rules[domain], run_id),
        )
    return changed


def _note_arrivals(connection: psycopg.Connection[Any], parameters: dict[str, Any]) -> None:
    """Give what arrived to its companies; what is known only later waits for its day."""
    for by, owners in _OWNERS.items():
        tables = [
            name
            for name, table in SOURCE_TABLES.items()
            if table.info["changes"] is not None and table.info["changes"].by == by
        ]
        connection.execute(
            _NOTE.format(
                found=f"""
                with known as (
                    select distinct domain, subject, first_day from ops.arrivals
                    where table_name = any(%(tables)s)
                        and (first_day is null or first_day <= %(as_of)s)
                )
                select distinct company_id, domain, 'arrived', %(run)s::bigint
                from ({owners}) owners
                """
            ),
            parameters | {"tables": tables},
        )
    connection.execute(
        "delete from ops.arrivals"
        " where (last_day is null and first_day is null) or last_day <= %(as_of)s",
        parameters,
    )
    for name, table in SOURCE_TABLES.items():
        changes = table.info["changes"]
        if changes is None or changes.day is None:
            continue
        connection.execute(
            sql.SQL(
                "update ops.arrivals a set first_day = ("
                " select min(later.day) from ("
                "  select {day} as day from raw.{table} where {by} = a.subject{cast}"
                " ) later where later.day > %(as_of)s"
                ") where a.table_name = {name} and a.first_day <= %(as_of)s"
            ).format(
                day=sql.SQL(changes.day),  # declared, not input
                table=sql.Identifier(name),
                by=sql.Identifier(changes.by),
                cast=sql.SQL("::bigint" if changes.by == "cik" else ""),
                name=sql.Literal(name),
            ),
            parameters,
        )
