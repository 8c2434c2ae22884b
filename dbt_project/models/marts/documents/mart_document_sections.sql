-- Sections with their text, and how their tone differs from the same section a year before.
with sections as (
    select * from {{ ref('int_sections__toned') }}
),

-- The same section of the report on the same period of the year before, the first of its name.
year_before as (
    select distinct on (later.company_id, later.url, later.section_position)
        later.company_id,
        later.url,
        later.section_position,
        earlier.url as earlier_url,
        earlier.positive_pct,
        earlier.negative_pct,
        earlier.uncertain_pct
    from sections as later
    inner join sections as earlier
        on
            later.company_id = earlier.company_id
            and later.document_type = earlier.document_type
            and later.code = earlier.code
            and earlier.period_end between later.period_end - 385 and later.period_end - 345
            and earlier.known_from < later.known_from
    where later.code_number = 1 and earlier.code_number = 1 and later.speaker is null
    order by
        later.company_id asc,
        later.url asc,
        later.section_position asc,
        earlier.known_from desc,
        earlier.url asc
),

with_changes as (
    select
        sections.company_id,
        sections.ticker,
        sections.url,
        sections.section_position,
        sections.code,
        sections.title,
        sections.speaker,
        sections.document_type,
        sections.accession,
        sections.filed_date,
        sections.known_from,
        sections.period_end,
        sections.page,
        sections.start_offset,
        sections.end_offset,
        sections.body,
        sections.words,
        sections.positive_pct,
        sections.negative_pct,
        sections.uncertain_pct,
        year_before.earlier_url,
        sections.positive_pct - year_before.positive_pct as positive_change,
        sections.negative_pct - year_before.negative_pct as negative_change,
        sections.uncertain_pct - year_before.uncertain_pct as uncertain_change
    from sections
    left join year_before
        on
            sections.company_id = year_before.company_id
            and sections.url = year_before.url
            and sections.section_position = year_before.section_position
)

select * from with_changes
