{# Every known value is one of another relation's. #}
{% test relationships(model, column_name, to, field) %}
{{ rows_that(
    model,
    column_name ~ ' not in (select ' ~ field ~ ' from ' ~ to ~ ' where ' ~ field ~ ' is not null)'
) }}
{% endtest %}
