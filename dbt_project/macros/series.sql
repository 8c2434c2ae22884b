{# Why a measure of cells is blank: the reason of the first cell that it lacks, else its base. #}
{% macro why_unmeasured(needs) -%}
    coalesce(
        {% for when, cell in needs -%}
        case when {{ when }}.{{ cell }} is null then {{ _why_no_cell(when, cell) }} end,
        {% endfor -%}
        'not_positive'
    )
{%- endmacro %}

{# Why a measure of measures is blank: the reason of the first one that it lacks. #}
{% macro why_unmade(needs) -%}
    coalesce(
        {% for when, measure in needs -%}
        case
            when {{ when }}.{{ measure }} is null
                then coalesce({{ when }}.{{ measure }}_reason, 'no_earlier_period')
        end{{ ',' if not loop.last }}
        {% endfor -%}
    )
{%- endmacro %}

{# What a blank cell's own reason is, or that its period is not known. #}
{% macro _why_no_cell(when, cell) -%}
    {%- if cell.endswith('_ttm') -%}
        {%- set line, bases = cell[:-4], ['ttm'] -%}
    {%- elif cell.endswith('_quarter') -%}
        {%- set line, bases = cell[:-8], ['quarter'] -%}
    {%- else -%}
        {%- set line, bases = cell, ['quarter', 'ttm'] -%}
    {%- endif -%}
    {%- if when != 'now' %}case
        when {{ when }}.period_end is null
            then '{{ 'no_year_before' if when == 'year_before' else 'no_earlier_period' }}'
        else {% endif -%}
    coalesce(
        {%- for basis in bases %}{{ when }}.{{ basis }}_reasons ->> '{{ line }}', {% endfor -%}
        'no_figures'
    )
    {%- if when != 'now' %} end{% endif -%}
{%- endmacro %}
