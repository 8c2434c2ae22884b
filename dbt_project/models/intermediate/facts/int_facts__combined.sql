-- Lines that a filing leaves untagged and whose parts it states, by the rules of seed rule_terms.
with facts as (
    select *
    from {{ ref('int_facts__signed') }}
    where is_reporting_currency
),

parts as (
    select distinct on (cik, accession, line, length_class, period_start, period_end) *
    from facts
    where line in (select part from {{ ref('rule_terms') }}) and not is_sign_unclear
    order by
        cik asc, accession asc, line asc, length_class asc, period_start asc, period_end asc,
        priority asc
),

filing_parts as (
    select distinct
        cik,
        accession,
        line as part
    from facts
    where value <> 0 and line in (select part from {{ ref('rule_terms') }})
),

-- A rule may speak of each period for which the filing has a part that the rule requires.
occasions as (
    select distinct
        parts.cik,
        parts.accession,
        parts.form,
        parts.filed_date,
        parts.known_from,
        parts.length_class,
        parts.period_start,
        parts.period_end,
        parts.currency,
        terms.rule
    from parts
    inner join {{ ref('rule_terms') }} as terms
        on parts.line = terms.part and terms.use = 'required'
),

combined as (
    select
        occasions.cik,
        occasions.accession,
        occasions.form,
        occasions.filed_date,
        occasions.known_from,
        occasions.length_class,
        occasions.period_start,
        occasions.period_end,
        occasions.currency,
        occasions.rule,
        sum(terms.weight * parts.value) as value,
        string_agg(
            case when terms.weight < 0 then '- ' else '+ ' end || parts.concept, ' '
            order by terms.term_number
        ) as signed_concepts,
        jsonb_agg(terms.weight * parts.fact_sign * parts.fact_id order by terms.term_number)
        filter (where parts.fact_id is not null) as inputs
    from occasions
    inner join {{ ref('rule_terms') }} as terms on occasions.rule = terms.rule
    left join parts
        on
            terms.part = parts.line
            and occasions.cik = parts.cik
            and occasions.accession = parts.accession
            and occasions.period_start is not distinct from parts.period_start
            and occasions.period_end = parts.period_end
    left join filing_parts
        on
            terms.part = filing_parts.part
            and occasions.cik = filing_parts.cik
            and occasions.accession = filing_parts.accession
    group by
        occasions.cik, occasions.accession, occasions.form, occasions.filed_date,
        occasions.known_from, occasions.length_class, occasions.period_start,
        occasions.period_end, occasions.currency, occasions.rule
    -- A part that the filing states for other periods only is unknown for this one, not zero.
    having
        bool_and(
            case terms.use
                when 'required' then parts.fact_id is not null
                when 'optional' then parts.fact_id is not null or filing_parts.part is null
                when 'absent' then filing_parts.part is null
            end
        )
),

-- Days for which a filing gives cash with and without what is restricted, and both are one amount.
unrestricted_days as (
    select
        alone.cik,
        alone.period_end,
        min(alone.filed_date) as filed_date
    from parts as alone
    inner join parts as together
        on
            alone.cik = together.cik
            and alone.accession = together.accession
            and alone.period_end = together.period_end
            and alone.value = together.value
    where alone.line = 'cash_and_equivalents' and together.line = 'cash_with_restricted'
    group by alone.cik, alone.period_end
),

ruled as (
    select
        combined.cik,
        rules.line,
        lines.nature,
        rules.priority,
        ltrim(combined.signed_concepts, '+ ') as concept,
        combined.period_start,
        combined.period_end,
        combined.value,
        combined.accession,
        combined.form,
        combined.filed_date,
        combined.known_from,
        combined.currency,
        combined.length_class,
        rules.derivation,
        combined.rule,
        combined.inputs
    from combined
    inner join {{ ref('rules') }} as rules on combined.rule = rules.rule
    inner join {{ ref('lines') }} as lines on rules.line = lines.line
    left join unrestricted_days
        on
            combined.cik = unrestricted_days.cik
            and combined.period_end = unrestricted_days.period_end
            and combined.filed_date >= unrestricted_days.filed_date
    -- Cash with restricted cash is cash where another filing proves that none is restricted.
    where
        combined.rule <> 'cash_with_restricted_alone'
        or unrestricted_days.cik is not null
)

select * from ruled
