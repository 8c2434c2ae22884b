-- Revenue and profit of parts of a company, as its filings tag them: one axis, member and period.
with documents as (
    select * from {{ ref('int_documents__listed') }}
    where accession is not null
),

facts as (
    select
        documents.company_id,
        documents.ticker,
        documents.accession,
        documents.url,
        documents.known_from,
        facts.concept,
        facts.unit,
        facts.start_date,
        facts.end_date,
        facts.value,
        facts.decimals,
        facts.dimensions as all_dimensions,
        facts.dimensions - array['srt:ConsolidationItemsAxis', 'us-gaap:ConsolidationItemsAxis']
            as dimensions,
        coalesce(
            facts.dimensions ->> 'srt:ConsolidationItemsAxis',
            facts.dimensions ->> 'us-gaap:ConsolidationItemsAxis',
            'us-gaap:OperatingSegmentsMember'
        ) as consolidation
    from {{ ref('stg_documents__facts') }} as facts
    inner join documents
        on facts.sha256 = documents.sha256 and facts.document_type = documents.read_as
),

measures as (
    select * from (
        values
        ('us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax', 'revenue', 1),
        ('us-gaap:RevenueFromContractWithCustomerIncludingAssessedTax', 'revenue', 2),
        ('us-gaap:Revenues', 'revenue', 3),
        ('us-gaap:SalesRevenueNet', 'revenue', 4),
        ('ifrs-full:Revenue', 'revenue', 5),
        ('ifrs-full:RevenueFromContractsWithCustomers', 'revenue', 6),
        ('us-gaap:OperatingIncomeLoss', 'operating_income', 1),
        ('ifrs-full:ProfitLossFromOperatingActivities', 'operating_income', 2),
        ('us-gaap:GrossProfit', 'gross_profit', 1),
        ('ifrs-full:GrossProfit', 'gross_profit', 2)
    ) as listed (concept, line, preference)
),

axes as (
    select * from (
        values
        ('us-gaap:StatementBusinessSegmentsAxis', 'segment'),
        ('ifrs-full:SegmentsAxis', 'segment'),
        ('srt:StatementGeographicalAxis', 'geography'),
        ('us-gaap:StatementGeographicalAxis', 'geography'),
        ('ifrs-full:GeographicalAreasAxis', 'geography'),
        ('srt:ProductOrServiceAxis', 'product'),
        ('us-gaap:ProductOrServiceAxis', 'product'),
        ('ifrs-full:ProductsAndServicesAxis', 'product')
    ) as listed (axis, breakdown)
),

periods as (
    select
        facts.*,
        measures.line,
        measures.preference,
        case
            when facts.end_date - facts.start_date between 349 and 379 then 'annual'
            when facts.end_date - facts.start_date between 265 and 285 then 'nine_months'
            when facts.end_date - facts.start_date between 174 and 190 then 'half_year'
            when facts.end_date - facts.start_date between 80 and 100 then 'quarter'
        end as period_type
    from facts
    inner join measures on facts.concept = measures.concept
    where facts.consolidation = 'us-gaap:OperatingSegmentsMember'
),

-- One total may be tagged twice, to the thousand and again rounded: the exact one counts.
totals as (
    select distinct on (company_id, accession, concept, unit, start_date, end_date) *
    from periods
    where all_dimensions = '{}'::jsonb and period_type is not null
    order by
        company_id asc,
        accession asc,
        concept asc,
        unit asc,
        start_date asc,
        end_date asc,
        coalesce(decimals, 99) desc,
        value asc,
        url asc
),

members as (
    select
        periods.*,
        axes.breakdown,
        dimension.member
    from periods
    cross join lateral jsonb_each_text(periods.dimensions) as dimension (axis, member)
    inner join axes on dimension.axis = axes.axis
    where
        periods.period_type is not null
        and (select count(*) from jsonb_object_keys(periods.dimensions)) = 1
),

with_totals as (
    select
        members.*,
        totals.value as total
    from members
    left join totals
        on
            members.company_id = totals.company_id
            and members.accession = totals.accession
            and members.concept = totals.concept
            and members.unit = totals.unit
            and members.start_date = totals.start_date
            and members.end_date = totals.end_date
),

-- A filing may tag one thing by two concepts: the first of the list that has a total counts.
one_each as (
    select distinct on (company_id, accession, line, breakdown, member, unit, start_date, end_date)
        company_id,
        ticker,
        accession,
        url,
        known_from,
        line,
        breakdown,
        member,
        unit,
        period_type,
        start_date,
        end_date,
        concept,
        value,
        total
    from with_totals
    order by
        company_id asc,
        accession asc,
        line asc,
        breakdown asc,
        member asc,
        unit asc,
        start_date asc,
        end_date asc,
        total is null asc,
        preference asc,
        coalesce(decimals, 99) desc,
        value asc,
        url asc
)

select * from one_each
