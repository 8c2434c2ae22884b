"""Yahoo Finance `v10/finance/quoteSummary`: income, balance and cash flow statements."""

SOURCE = "yahoo"
