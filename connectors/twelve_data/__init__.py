"""Twelve Data `time_series`: daily prices of one ticker, as a second witness to Yahoo's."""

SOURCE = "twelve_data"
