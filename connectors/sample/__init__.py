"""Recorded figures that come with the package, served as if the sources had answered."""

from datetime import UTC, date, datetime

# A new home sees the day before as well, so that it can say what the last one changed.
SAMPLE_DAY_BEFORE = date(2026, 7, 9)
# The last day that the bundle's figures know of; the bundle counts as fetched that evening in
# New York, which is already the next day in UTC.
SAMPLE_AS_OF = date(2026, 7, 10)
SAMPLE_FETCHED_AT = datetime(2026, 7, 11, tzinfo=UTC)
