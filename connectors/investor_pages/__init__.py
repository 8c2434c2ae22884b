"""Investor pages of the watchlist: documents that a company publishes itself, PDF or HTML."""

SOURCE = "investor_pages"
