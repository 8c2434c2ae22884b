-- A section is the part of its document's text that its offsets say.
select
    sections.company_id,
    sections.url,
    sections.section_position
from {{ ref('mart_document_sections') }} as sections
inner join {{ ref('mart_documents') }} as documents
    on sections.company_id = documents.company_id and sections.url = documents.url
where
    length(sections.body) <> sections.end_offset - sections.start_offset
    or sections.end_offset > documents.characters
