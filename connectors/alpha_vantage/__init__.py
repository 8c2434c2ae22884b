"""Alpha Vantage: a vendor's overview, statements and earnings of one ticker; 25 answers a day."""

SOURCE = "alpha_vantage"
