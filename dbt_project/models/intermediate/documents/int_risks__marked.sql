-- What a paragraph is known by: each three words of it in a row. A mark that stands in many
-- paragraphs of a report tells nothing and costs most, so it is left out of those compared.
with words as (
    select
        paragraphs.company_id,
        paragraphs.url,
        paragraphs.risk_position,
        told.place,
        told.word
    from {{ ref('int_risks__listed') }} as paragraphs
    cross join lateral regexp_split_to_table(
        lower(btrim(regexp_replace(paragraphs.body, '[^[:alpha:]]+', ' ', 'g'))), ' '
    ) with ordinality as told (word, place)
),

followed as (
    select
        company_id,
        url,
        risk_position,
        word,
        lead(word) over paragraph as next_word,
        lead(word, 2) over paragraph as third_word
    from words
    window paragraph as (partition by company_id, url, risk_position order by place asc)
),

marks as (
    select distinct
        company_id,
        url,
        risk_position,
        md5(word || ' ' || next_word || ' ' || third_word)::uuid as mark
    from followed
    where third_word is not null
),

counted as (
    select
        *,
        count(*) over (partition by company_id, url, mark) as paragraphs
    from marks
),

rare as (
    select
        company_id,
        url,
        risk_position,
        mark,
        count(*) over (partition by company_id, url, risk_position) as marks
    from counted
    where paragraphs <= 5
)

select * from rare
