"""Yahoo Finance `v8/finance/chart`: daily prices, splits and dividends of one ticker."""

SOURCE = "yahoo"
