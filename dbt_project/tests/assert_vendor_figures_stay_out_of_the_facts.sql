-- Every value of the facts comes from a filing's XBRL concept or arithmetic over such values.
select *
from {{ ref('fct_financials') }}
where
    status = 'ok'
    and (
        accession !~ '^[0-9]{10}-[0-9]{2}-[0-9]{6}$'
        or (derivation = 'reported' and coalesce(concept, '') !~ '^[a-z][a-z0-9-]*:[A-Za-z0-9]+$')
    )
