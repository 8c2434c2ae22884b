{# The rows of a table of what was read of documents, of the reading in force of each: that of the
   running reader, which was used last, else that of the one used last before. #}
{% macro reading_in_force(relation) -%}
    select rows_read.*
    from (
        {{ current_version(relation, asked_by='sha256') }}
    ) as rows_read
    inner join (
        select distinct on (readings.sha256, readings.document_type)
            readings.sha256,
            readings.document_type,
            readings.reader_sha
        from {{ source('raw', 'documents') }} as readings
        left join {{ source('ops', 'readers') }} as readers
            on readings.reader_sha = readers.reader_sha
        where readings.{{ of_the_batch('sha256') }}
        order by
            readings.sha256,
            readings.document_type,
            readers.last_used_at desc nulls last,
            readings.reader_sha
    ) as in_force
        on
            rows_read.sha256 = in_force.sha256
            and rows_read.document_type = in_force.document_type
            and rows_read.reader_sha = in_force.reader_sha
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
