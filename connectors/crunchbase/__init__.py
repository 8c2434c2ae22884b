"""Crunchbase v4: a company's profile and funding rounds; needs a licence of the user's own."""

SOURCE = "crunchbase"
