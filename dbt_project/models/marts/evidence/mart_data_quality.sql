-- What was checked over all companies, and how much of it holds.
with cells as (
    select * from {{ ref('int_cells__counted') }}
),

due as (
    select *
    from cells
    where blank_reason not in ('not_due', 'not_applicable')
),

coverage as (
    select
        'coverage' as check_name,
        'company' as scope,
        company_id as subject,
        sum(cell_count)::bigint as checked_count,
        (coalesce(sum(cell_count) filter (where status = 'blank'), 0))::bigint as failed_count
    from due
    group by company_id
    union all
    select
        'coverage' as check_name,
        'line' as scope,
        line as subject,
        sum(cell_count)::bigint as checked_count,
        (coalesce(sum(cell_count) filter (where status = 'blank'), 0))::bigint as failed_count
    from due
    group by line
),

totals as (
    select sum(cell_count)::bigint as cell_count
    from cells
),

blanks as (
    select
        'blank_reason' as check_name,
        'reason' as scope,
        cells.blank_reason as subject,
        max(totals.cell_count) as checked_count,
        sum(cells.cell_count)::bigint as failed_count
    from cells
    cross join totals
    where cells.status = 'blank'
    group by cells.blank_reason
),

identities as (
    select
        'identity' as check_name,
        'identity' as scope,
        identity as subject,
        sum(checked_count)::bigint as checked_count,
        sum(failed_count)::bigint as failed_count
    from {{ ref('int_identities__counted') }}
    group by identity
),

-- Figures read in documents against the facts that filings tag.
witnessed as (
    select
        'reading_contradicted' as check_name,
        'document_type' as scope,
        document_type as subject,
        sum(checked_count)::bigint as checked_count,
        sum(failed_count)::bigint as failed_count
    from {{ ref('int_kpis__counted') }}
    group by document_type
),

hand_checked as (
    select
        'company' as scope,
        ticker as subject,
        verdict
    from {{ ref('mart_accuracy_certificate') }}
    union all
    select
        'line' as scope,
        line as subject,
        verdict
    from {{ ref('mart_accuracy_certificate') }}
),

certified as (
    select
        'accuracy_wrong' as check_name,
        scope,
        subject,
        count(*) as checked_count,
        count(*) filter (where verdict in ('wrong', 'invented')) as failed_count
    from hand_checked
    group by scope, subject
    union all
    select
        'accuracy_abstained' as check_name,
        scope,
        subject,
        count(*) as checked_count,
        count(*) filter (where verdict = 'abstained') as failed_count
    from hand_checked
    group by scope, subject
),

rejected as (
    select
        'rejected_records' as check_name,
        'rule' as scope,
        rejected.table_name || '.' || rejected.rule as subject,
        null::bigint as checked_count,
        count(*) as failed_count
    from {{ source('ops', 'rejected_records') }} as rejected
    inner join {{ source('raw', 'captures') }} as captures
        on rejected.capture_id = captures.capture_id
    -- What came in after the logical date cannot change what was published for it.
    where
        captures.fetched_at <= {{ end_of_day(as_of()) }}
        and rejected.resolved_load_id is null
    group by rejected.table_name, rejected.rule
),

-- Companies that keep the rows of an earlier publication, with the check that they fail now.
held_back as (
    select
        'held_back' as check_name,
        'company' as scope,
        company_id as subject,
        null::bigint as checked_count,
        failures as failed_count,
        test,
        since_date
    from {{ ref('stg_ops__held_back') }}
),

counted as (
    select * from coverage
    union all
    select * from blanks
    union all
    select * from identities
    union all
    select * from witnessed
    union all
    select * from certified
    union all
    select * from rejected
),

united as (
    select
        *,
        null::text as test,
        null::date as since_date
    from counted
    union all
    select * from held_back
),

final as (
    select
        check_name,
        scope,
        subject,
        checked_count,
        failed_count,
        case
            when checked_count > 0 then round(1 - failed_count::numeric / checked_count, 6)
        end as passed_pct,
        test,
        since_date
    from united
)

select * from final
