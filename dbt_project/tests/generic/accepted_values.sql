{# Every known value is one of a list; of numbers the list has no quotes. #}
{% test accepted_values(model, column_name, values, quote=true) %}
{%- set mark = "'" if quote else "" -%}
{%- set listed = mark ~ values | join(mark ~ ', ' ~ mark) ~ mark -%}
{{ rows_that(model, column_name ~ ' not in (' ~ listed ~ ')') }}
{% endtest %}
