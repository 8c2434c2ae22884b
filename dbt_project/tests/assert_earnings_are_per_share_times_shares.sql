-- Net income is diluted earnings per share times shares, as far as rounding and other share
-- classes allow. A filing on either side of a split breaks it, so this tells and does not stop.
{{ config(severity='warn') }}

select *
from {{ ref('int_identities__checked') }}
where identity = 'eps_times_shares' and not is_met
