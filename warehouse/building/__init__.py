"""Building by company: what changed, the batch in work, its audits, and what is kept of it."""
