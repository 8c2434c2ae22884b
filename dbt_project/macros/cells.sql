{# The columns of a cell over time, in one order for every model that stacks them; `replaced` maps
   a column to the expression that stands for it. `inputs` holds the numbers of the facts behind the
   value, negative where they are subtracted. #}
{% macro cell_columns(replaced={}) -%}
    {%- set names = [
        'cik', 'line', 'nature', 'period_type', 'period_start', 'period_end', 'currency', 'value',
        'derivation', 'rule', 'inputs', 'concept', 'accession', 'blank_reason', 'known_from',
        'known_to',
    ] -%}
    {%- for name in names %}
    {{ replaced[name] ~ ' as ' if name in replaced }}{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The columns of a cell that has no value: what speaks of a value is null. #}
{% macro blank_cell_columns(replaced={}) -%}
    {%- set without_value = {
        'value': 'null::numeric',
        'derivation': 'null::text',
        'rule': 'null::text',
        'inputs': 'null::jsonb',
        'concept': 'null::text',
        'accession': 'null::text',
    } -%}
    {%- do without_value.update(replaced) -%}
    {{ cell_columns(without_value) }}
{%- endmacro %}

{# An XBRL tag as readers get it. Until then a value that a rule combines carries the signed tags of
   its parts, by which a filing that changes its tags is told from one that changes its mind. #}
{% macro tag_or_null(concept) -%}
    case when {{ concept }} ~ '^[^ ]+$' then {{ concept }} end
{%- endmacro %}

{# The facts of an array with their signs turned. #}
{% macro negated(inputs) -%}
    (
        select jsonb_agg(-facts.fact_id::bigint order by facts.place)
        from jsonb_array_elements_text({{ inputs }}) with ordinality as facts (fact_id, place)
    )
{%- endmacro %}
