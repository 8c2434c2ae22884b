"""The company's id in every kept version of a published row, and no tables of folded models.

A column that a night adds is null in the versions of earlier nights, so that an answer as of an
earlier publication would know no company.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REWRITES = ("published.%",)

_OF_FILERS = (
    "fct_financial_candidates",
    "fct_financial_inputs",
    "fct_financial_vintages",
    "fct_financials",
    "mart_accuracy_certificate",
    "mart_filings",
    "mart_financials_annual",
    "mart_financials_quarterly",
    "mart_financials_ttm",
    "mart_restatements",
)
_VERSION = {"row_sha", "valid_from_run", "valid_to_run"}


def upgrade() -> None:
    # The next night makes them anew; twelve of its tables are no models any more.
    op.execute("drop schema if exists intermediate cascade")
    for mart in _OF_FILERS:
        columns = _columns(mart)
        if not columns or "company_id" in columns:
            continue
        op.execute(f"alter table published.{mart} add company_id text")
        # The digest is that of a row with the new column, as publishing makes it.
        digest = ", ".join(f"p.{name}" for name in columns if name not in _VERSION)
        op.execute(
            f"""
            update published.{mart} as p
            set
                company_id = known.company_id,
                row_sha = md5(row({digest}, known.company_id)::text)::uuid
            from (
                select distinct on (cik) cik, company_id
                from published.mart_company_performance
                where cik is not null
                order by cik, valid_to_run desc
            ) as known
            where p.cik = known.cik
            """
        )


def downgrade() -> None:
    """The column stays, since the views show it; an earlier release refuses to publish without it.

    Whoever goes back restores a backup of the earlier release (docs/operations.md).
    """


def _columns(mart: str) -> list[str]:
    found = op.get_bind().execute(
        sa.text(
            "select attname from pg_attribute where attrelid = to_regclass(:mart)"
            " and attnum > 0 and not attisdropped order by attnum"
        ),
        {"mart": f"published.{mart}"},
    )
    return [*found.scalars()]
