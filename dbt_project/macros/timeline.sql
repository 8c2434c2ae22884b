{# A cell's timeline: at each instant the candidate of the lowest rank that has a value, else the
   lowest rank; runs of equal answers are one row. An instant without any candidate is a blank: the
   parts of an earlier answer no longer fit each other. Candidates carry known_from (inclusive),
   known_to (exclusive, infinity while in force) and candidate_rank. #}
{% macro best_in_force(candidates, key) -%}
    {%- set cell = key | join(', ') -%}
    select
        {{ cell }},
        nature,
        period_start,
        currency,
        concept,
        accession,
        value,
        derivation,
        rule,
        inputs,
        blank_reason,
        known_from,
        coalesce(
            lead(known_from) over (partition by {{ cell }} order by known_from), 'infinity'
        ) as known_to
    from (
        select
            *,
            (
                row(value, blank_reason, currency, derivation)
                is distinct from
                lag(row(value, blank_reason, currency, derivation)) over (
                    partition by {{ cell }} order by known_from
                )
            ) as is_change
        from (
            select distinct on ({% for name in key %}instants.{{ name }}, {% endfor %}instants.instant)
                {% for name in key %}instants.{{ name }}, {% endfor %}
                candidate.nature,
                candidate.period_start,
                candidate.currency,
                candidate.concept,
                candidate.accession,
                candidate.value,
                candidate.derivation,
                candidate.rule,
                candidate.inputs,
                case
                    when candidate.known_from is null then 'mixed_vintage'
                    else candidate.blank_reason
                end as blank_reason,
                instants.instant as known_from
            from (
                select {{ cell }}, known_from as instant from {{ candidates }}
                union
                select {{ cell }}, known_to as instant from {{ candidates }}
                where known_to < 'infinity'
            ) as instants
            left join {{ candidates }} as candidate
                on
                    {% for name in key -%}
                    instants.{{ name }} = candidate.{{ name }}
                    and {% endfor -%}
                    instants.instant >= candidate.known_from
                    and instants.instant < candidate.known_to
            order by
                {% for name in key %}instants.{{ name }}, {% endfor %}
                instants.instant,
                candidate.value is null,
                candidate.candidate_rank,
                candidate.period_start
        ) as best
    ) as marked
    where is_change
{%- endmacro %}
