-- How much news each company had in the 30 days to the run's logical date, and the tone of its
-- headlines, whose words are counted as connectors/documents/tone.py counts those of documents.
with articles as (
    select
        company_id,
        url,
        published_at,
        lower(replace(title, '’', '''')) as plain_title,
        published_at > {{ end_of_day(as_of() ~ ' - 30') }} as is_recent
    from {{ ref('mart_news') }}
),

words as (
    select
        articles.company_id,
        articles.url,
        found.place,
        tone_words.kind
    from articles
    cross join
        lateral regexp_matches(articles.plain_title, '[a-z]+(?:''[a-z]+)?', 'g')
        with ordinality as found (word, place)
    left join {{ ref('tone_words') }} as tone_words on found.word[1] = tone_words.word
    where articles.is_recent
),

-- A negation up to three words before a hopeful word makes it count for nothing.
weighed as (
    select
        company_id,
        kind = 'negative' as is_negative,
        kind = 'positive' and not coalesce(
            bool_or(coalesce(kind, '') = 'negation') over (
                partition by company_id, url
                order by place
                rows between 3 preceding and 1 preceding
            ),
            false
        ) as is_positive
    from words
),

toned as (
    select
        company_id,
        count(*) filter (where is_positive) as positive_words,
        count(*) filter (where is_negative) as negative_words
    from weighed
    group by company_id
),

counted as (
    select
        company_id,
        count(*) filter (where is_recent) as news_count_30d,
        max(published_at) as last_news_at
    from articles
    group by company_id
),

joined as (
    select
        counted.company_id,
        counted.news_count_30d::integer as news_count_30d,
        counted.last_news_at,
        round(
            (toned.positive_words - toned.negative_words)::numeric
            / nullif(toned.positive_words + toned.negative_words, 0),
            4
        ) as news_tone_30d
    from counted
    left join toned on counted.company_id = toned.company_id
)

select * from joined
