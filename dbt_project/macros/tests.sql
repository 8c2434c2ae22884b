{# The rows of a relation that break a rule which each row keeps or breaks by itself. The comment
   marks where the rule begins: whoever runs the tests of a relation checks all such rules in one
   scan. #}
{% macro rows_that(model, broken) -%}
select *
from {{ model }}
where /* broken */ ({{ broken }})
{%- endmacro %}
