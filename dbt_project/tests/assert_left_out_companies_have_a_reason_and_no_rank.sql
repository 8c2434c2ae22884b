-- Either a company is ranked, on fresh dollar figures from filings, or its reason is given.
select *
from {{ ref('mart_company_performance') }}
where
    is_ranked <> (left_out_reason is null)
    or is_ranked <> (rank_overall is not null)
    or is_ranked <> (rank_in_segment is not null)
    or (is_ranked and (figures_source <> 'filing' or is_stale or revenue_ttm_usd is null))
    or (not is_ranked and health_status <> 'unknown')
