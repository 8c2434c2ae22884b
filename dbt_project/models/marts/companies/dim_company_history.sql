select
    company_id,
    attribute,
    entry_number,
    value,
    valid_from,
    valid_to
from {{ ref('int_companies__dated') }}
