-- What the radar lists is read by no line, and fills no more filers' blanks than have it.
select
    unread.taxonomy,
    unread.concept,
    unread.filer_count,
    unread.blank_filer_count
from {{ ref('mart_unread_concepts') }} as unread
left join {{ ref('line_concepts') }} as concepts
    on unread.taxonomy = concepts.taxonomy and unread.concept = concepts.concept
where concepts.concept is not null or unread.blank_filer_count > unread.filer_count
