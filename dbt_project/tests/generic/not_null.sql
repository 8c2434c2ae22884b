{# The column has a value in every row. #}
{% test not_null(model, column_name) %}
{{ rows_that(model, column_name ~ ' is null') }}
{% endtest %}
