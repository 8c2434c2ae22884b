"""Sources of figures: each package fetches one upstream's documents and parses them to records."""
