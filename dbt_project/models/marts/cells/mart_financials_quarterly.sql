{{ wide_financials('quarter') }}
