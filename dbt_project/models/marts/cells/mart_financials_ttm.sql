{{ wide_financials('ttm') }}
