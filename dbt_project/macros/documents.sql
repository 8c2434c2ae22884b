{# The rows of a table of what was read of documents, by the newest reader that has read each. #}
{% macro newest_reading(relation) -%}
    select rows_read.*
    from (
        {{ current_version(relation) }}
    ) as rows_read
    inner join (
        select sha256, document_type, max(parser_version) as parser_version
        from {{ source('raw', 'documents') }}
        group by sha256, document_type
    ) as newest
        on
            rows_read.sha256 = newest.sha256
            and rows_read.document_type = newest.document_type
            and rows_read.parser_version = newest.parser_version
{%- endmacro %}

{# The name of the fiscal period of a relation's rows: FY2025, Q4 2025, 6M Q2 2025; the day where
   it has no label. #}
{% macro period_label(relation) -%}
    case
        when {{ relation }}.fiscal_year is null then {{ relation }}.period_end::text
        when {{ relation }}.period_type = 'annual' then 'FY' || {{ relation }}.fiscal_year
        else
            case {{ relation }}.period_type
                when 'half_year' then '6M '
                when 'nine_months' then '9M '
                else ''
            end
            || 'Q' || {{ relation }}.fiscal_quarter || ' ' || {{ relation }}.fiscal_year
    end
{%- endmacro %}
