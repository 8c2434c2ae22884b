-- A reported gross profit is revenue less cost, to within a hundredth: companies may state a
-- realised gross profit, so this tells and does not stop.
{{ config(severity='warn') }}

select *
from {{ ref('int_identities__checked') }}
where identity = 'gross_profit' and not is_met
