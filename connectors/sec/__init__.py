"""SEC EDGAR: ticker list, submissions and XBRL company facts, as JSON from data.sec.gov."""

SOURCE = "sec"
