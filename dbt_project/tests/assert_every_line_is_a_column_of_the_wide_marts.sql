-- The seed of lines and the lines that the wide marts spread into columns are the same.
with spread as (
    {% for line in statement_lines() -%}
    select '{{ line }}' as line {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select lines.line, spread.line as spread_line
from {{ ref('lines') }} as lines
full outer join spread on lines.line = spread.line
where lines.line is null or spread.line is null
