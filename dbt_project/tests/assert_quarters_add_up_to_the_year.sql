-- Four quarters of a line add up to their year. Filers recast years without their quarters, so
-- this tells and does not stop.
{{ config(severity='warn') }}

select *
from {{ ref('int_identities__checked') }}
where identity = 'quarters_add_up_to_year' and not is_met
