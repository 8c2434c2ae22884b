-- The radar: what filers tag in their reports and no line reads, and which blanks it would fill.
with unread as (
    select * from {{ ref('int_concepts__unread') }}
),

-- Once or twice amounts are the same by chance.
alike as (
    select
        taxonomy,
        concept,
        equal_line as line,
        sum(equal_count)::bigint as equal_count
    from unread
    where equal_line is not null
    group by taxonomy, concept, equal_line
    having sum(equal_count) >= 3
),

lines_like as (
    select distinct on (taxonomy, concept) *
    from alike
    order by taxonomy asc, concept asc, equal_count desc, line asc
),

-- Companies that have a line in no period at all.
without_line as (
    select
        company_id,
        line
    from {{ ref('int_cells__counted') }}
    group by company_id, line
    having
        bool_and(status = 'blank')
        and bool_or(blank_reason in ('not_reported', 'unread_concept'))
),

counted as (
    select
        unread.taxonomy,
        unread.concept,
        count(*) as filer_count,
        sum(unread.report_count)::bigint as report_count,
        max(unread.last_filed_date) as last_filed_date,
        round({{ median('unread.revenue_share') }}, 6) as revenue_share,
        round({{ median('unread.assets_share') }}, 6) as assets_share,
        max(lines_like.line) as likely_line,
        coalesce(max(lines_like.equal_count), 0) as equal_count,
        count(without_line.company_id) as blank_filer_count
    from unread
    left join lines_like
        on unread.taxonomy = lines_like.taxonomy and unread.concept = lines_like.concept
    left join without_line
        on unread.company_id = without_line.company_id and lines_like.line = without_line.line
    group by unread.taxonomy, unread.concept
)

select * from counted
