{# Arithmetic between lines, said once for its two uses. What one filing says is refused only where it
   cannot be true (int_reports__checked): a company may state a realised gross profit, and earnings
   per share are rounded to a cent. What is published is counted as unmet sooner
   (int_identities__checked), so that an operator sees what is odd before it is impossible. #}

{# Revenue less its cost is gross profit, within a share of revenue: 0.05 refuses, 0.01 is counted. #}
{% macro is_gross_profit_off(revenue, cost, gross_profit, tolerance) -%}
    abs({{ revenue }} - {{ cost }} - {{ gross_profit }}) > {{ tolerance }} * abs({{ revenue }})
{%- endmacro %}

{# A part is no more than its whole; both uses take it strictly. #}
{% macro exceeds_its_whole(part, whole) -%}
    {{ part }} > {{ whole }}
{%- endmacro %}

{# Four quarters make up their year, but for the rounding of each. #}
{% macro do_not_add_up(year, quarters) -%}
    abs({{ year }} - {{ quarters }})
    > greatest(
        0.002 * abs({{ year }}),
        2.5 * power(10::numeric, least({{ trailing_zeros(year) }}, {{ trailing_zeros(quarters) }}))
    )
{%- endmacro %}

{# Earnings are earnings per share times shares. Counted within two cents a share or a twentieth of
   earnings, which leaves room for what is allotted to other share classes. #}
{% macro is_earnings_identity_off(earnings, per_share, shares) -%}
    abs({{ earnings }} - {{ per_share }} * {{ shares }})
    > greatest(0.02 * {{ shares }}, 0.05 * abs({{ earnings }}))
{%- endmacro %}

{# Whether one amount is about a thousand or a million times the other, or that part of it; what is
   zero is no multiple. `tolerance` is of the decimal logarithm: 0.0005 is an eighth of a per cent. #}
{% macro is_off_by_thousands(one, other, tolerance) -%}
    {%- set digits = 'abs(log(abs(nullif(' ~ one ~ ', 0) / nullif(' ~ other ~ ', 0))))' -%}
    coalesce(
        least(abs({{ digits }} - 3), abs({{ digits }} - 6)) < {{ tolerance }},
        false
    )
{%- endmacro %}

{# Whether a count of shares is off by thousands or millions against earnings and earnings per share.
   Earnings of less than ten cents a share are too coarse to tell. #}
{% macro is_miscounted(earnings, per_share, shares) -%}
    abs({{ per_share }}) >= 0.1
    and {{ shares }} > 0
    and {{ is_off_by_thousands(earnings, '(' ~ per_share ~ ' * ' ~ shares ~ ')', 0.1) }}
{%- endmacro %}

{# Whether earnings are far more than earnings per share make of the shares. Far less is possible:
   preferred dividends can turn a profit into a loss per share. #}
{% macro is_out_of_scale(earnings, per_share, shares) -%}
    abs({{ per_share }}) >= 0.1
    and {{ shares }} > 0
    and abs({{ earnings }}) > 5 * abs({{ per_share }} * {{ shares }})
{%- endmacro %}
