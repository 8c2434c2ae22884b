with inputs as (
    select
        inputs.cik,
        companies.ticker,
        inputs.line,
        inputs.period_type,
        inputs.period_end,
        inputs.known_from,
        inputs.input_number,
        inputs.rule,
        inputs.weight,
        inputs.input_concept,
        inputs.input_unit,
        inputs.input_start,
        inputs.input_end,
        inputs.input_value,
        inputs.input_accession,
        inputs.input_form,
        inputs.input_filed_date
    from {{ ref('int_inputs__listed') }} as inputs
    inner join {{ ref('int_companies__listed') }} as companies on inputs.cik = companies.cik
)

select * from inputs
