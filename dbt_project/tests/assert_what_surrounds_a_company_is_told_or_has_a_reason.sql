-- Freshness, news, commits and the newest round are each told, or there is a reason why not; what is
-- counted is not negative, and nothing is told that the night could not know.
select *
from {{ ref('mart_company_performance') }}
where
    (freshness is null) = (freshness_blank_reason is null)
    or (news_count_30d is null) = (news_blank_reason is null)
    or (news_tone_30d is null) = (news_tone_blank_reason is null)
    or (developer_commits_12w is null) = (developer_blank_reason is null)
    or (last_funding_usd is null) = (funding_blank_reason is null)
    or (is_stale and figures_source = 'filing') <> coalesce(freshness = 'stale', false)
    or (freshness = 'late' and next_filing_due is null)
    or news_count_30d < 0
    or (news_count_30d > 0 and last_news_at is null)
    or (news_tone_30d is not null and news_count_30d = 0)
    or developer_commits_12w < 0
    or figures_known_on > {{ as_of() }}
    or figures_known_on <= ttm_end
    or last_funding_date > {{ as_of() }}
    or last_news_at > {{ end_of_day(as_of()) }}
    or newest_kpis = '{}'
