{{ wide_financials('annual') }}
