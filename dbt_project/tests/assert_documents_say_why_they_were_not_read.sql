-- A document that was read has text, and one that was not has a reason.
select *
from {{ ref('mart_documents') }}
where
    (verdict = 'read' and coalesce(characters, 0) = 0)
    or (verdict not in ('read', 'unread') and detail is null)
