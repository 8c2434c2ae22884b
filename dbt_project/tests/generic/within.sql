{# Every known value lies between two bounds, both included; a bound may be left out. #}
{% test within(model, column_name, lowest=none, highest=none) %}
{%- set outside = [] -%}
{%- if lowest is not none -%}
    {%- do outside.append(column_name ~ ' < ' ~ lowest) -%}
{%- endif -%}
{%- if highest is not none -%}
    {%- do outside.append(column_name ~ ' > ' ~ highest) -%}
{%- endif -%}
{{ rows_that(model, outside | join(' or ')) }}
{% endtest %}
