-- The marts contradict no cell that was checked by hand. What blocks a publication is a cell that
-- was right and turns wrong, so this tells and does not stop.
{{ config(severity='warn') }}

select *
from {{ ref('mart_accuracy_certificate') }}
where verdict in ('wrong', 'invented')
