-- A concept is read for a line, or states it in another scope; never both.
select
    unread.line,
    unread.taxonomy,
    unread.concept
from {{ ref('unread_concepts') }} as unread
inner join {{ ref('line_concepts') }} as read_concepts
    on
        unread.line = read_concepts.line
        and unread.taxonomy = read_concepts.taxonomy
        and unread.concept = read_concepts.concept
