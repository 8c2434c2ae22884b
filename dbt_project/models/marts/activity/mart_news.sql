with articles as (
    select
        articles.company_id,
        companies.ticker,
        articles.url,
        articles.title,
        articles.publisher,
        articles.published_at,
        articles.origin
    from {{ ref('int_articles__attributed') }} as articles
    inner join {{ ref('int_companies__listed') }} as companies
        on articles.company_id = companies.company_id
)

select * from articles
