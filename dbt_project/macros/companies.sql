{# The id of a company that no watchlist names. #}
{% macro looked_up_company_id(cik) -%}
    'cik-' || lpad({{ cik }}::text, 10, '0')
{%- endmacro %}
