with first_seen as (
    select
        company_id,
        url,
        sha256,
        title,
        min(fetched_at) over (partition by company_id, url, sha256) as known_from,
        row_number() over (partition by key_sha order by fetched_at desc) as age
    from {{ source('raw', 'investor_documents') }}
    where {{ of_the_batch('company_id') }} and fetched_at <= {{ end_of_day(as_of()) }}
),

renamed as (
    select
        company_id,
        url,
        title,
        sha256,
        known_from
    from first_seen
    where age = 1
)

select * from renamed
