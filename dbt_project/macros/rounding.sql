{# How coarsely a whole amount is rounded: 27,971,000 ends in three zeros. #}
{% macro trailing_zeros(amount) -%}
    length(substring(trim_scale({{ amount }})::text from '0*$'))
{%- endmacro %}

{# One step of the last digit that an amount is given to: 1,000 of 45,000 and 0.01 of 1.74. #}
{% macro last_digit(amount) -%}
    power(10::numeric, {{ trailing_zeros(amount) }} - scale(trim_scale({{ amount }})))
{%- endmacro %}

{# Whether an amount repeats a finer one in coarser rounding. The finer one then stays in force. #}
{% macro is_rounded_repeat(amount, finer) -%}
    coalesce(
        abs({{ amount }}) >= 100000
        and abs({{ amount }} - {{ finer }}) * 2 <= power(10::numeric, {{ trailing_zeros(amount) }})
        and {{ trailing_zeros(amount) }} > {{ trailing_zeros(finer) }},
        false
    )
{%- endmacro %}

{# Concepts that a filing gives in the coarse rounding of a note, as named queries up to `coarse_notes`,
   over facts as they are offered. #}
{% macro coarse_notes_of(placed) -%}
concept_rounding as (
    select
        cik,
        accession,
        line,
        concept,
        min({{ trailing_zeros('value') }}) as zeros
    from {{ placed }}
    where
        rule in ('reported', 'sign_corrected')
        and nature not in ('per_share', 'shares')
        and value <> 0
    group by cik, accession, line, concept
),

-- Statements are rounded alike throughout: to thousands or to millions.
usual_rounding as (
    select
        cik,
        accession,
        mode() within group (order by zeros) as zeros
    from concept_rounding
    group by cik, accession
),

-- A concept in coarser rounding, where another one gives the line in the usual rounding, stands in
-- the text of a note, and often for a part only.
coarse_notes as (
    select
        concepts.cik,
        concepts.accession,
        concepts.line,
        concepts.concept
    from concept_rounding as concepts
    inner join usual_rounding as usual
        on concepts.cik = usual.cik and concepts.accession = usual.accession
    where
        concepts.zeros >= usual.zeros + 2
        and exists (
            select 1
            from concept_rounding as other
            where
                other.cik = concepts.cik
                and other.accession = concepts.accession
                and other.line = concepts.line
                and other.zeros <= usual.zeros
        )
),
{%- endmacro %}
