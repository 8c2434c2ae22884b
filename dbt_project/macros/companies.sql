{# The id of a company that no watchlist names. #}
{% macro looked_up_company_id(cik) -%}
    'cik-' || lpad({{ cik }}::text, 10, '0')
{%- endmacro %}

{# The rows of a relation with the company whose ticker they carry on their own day. A ticker is a name
   that companies hand on: what is grouped or joined after this goes by company, and by ticker only
   to tell a company's classes of shares apart. #}
{% macro of_companies(relation, tickers, day) -%}
    select
        tickers.company_id,
        rows_told.*
    from {{ relation }} as rows_told
    inner join {{ tickers }} as tickers
        on
            rows_told.ticker = tickers.ticker
            and rows_told.{{ day }} between tickers.valid_from and tickers.valid_to
            -- A ticker of the batch may have been another company's on other days.
            and tickers.company_id in (select company_id from {{ ref('stg_ops__batch') }})
{%- endmacro %}
