{# The columns of a cell over time, in one order for every model that stacks them; `replaced` maps
   a column to the expression that stands for it. #}
{% macro cell_columns(replaced={}) -%}
    {%- set names = [
        'cik', 'line', 'nature', 'period_type', 'period_start', 'period_end', 'currency', 'value',
        'derivation', 'concept', 'accession', 'blank_reason', 'known_from', 'known_to',
    ] -%}
    {%- for name in names %}
    {{ replaced[name] ~ ' as ' if name in replaced }}{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
