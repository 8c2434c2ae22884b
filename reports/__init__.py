"""Static pages: the companies from schema marts, and the verdicts of a run from schema ops."""
