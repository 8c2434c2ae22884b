-- Paragraphs of a report and of the one before that share marks: twice what they share over what
-- they have, 1 for the same words.
with reports as (
    select distinct
        company_id,
        url,
        earlier_url
    from {{ ref('int_risks__listed') }}
    where earlier_url is not null
),

marks as (
    select * from {{ ref('int_risks__marked') }}
),

shared as (
    select
        reports.company_id,
        reports.url,
        reports.earlier_url,
        later.risk_position,
        earlier.risk_position as earlier_position,
        round(
            2.0 * count(*) / (min(later.marks) + min(earlier.marks)), 4
        ) as similarity
    from reports
    inner join marks as later
        on reports.company_id = later.company_id and reports.url = later.url
    inner join marks as earlier
        on
            reports.company_id = earlier.company_id
            and reports.earlier_url = earlier.url
            and later.mark = earlier.mark
    group by
        reports.company_id,
        reports.url,
        reports.earlier_url,
        later.risk_position,
        earlier.risk_position
)

select * from shared
