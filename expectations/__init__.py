"""What every raw table must satisfy before a batch is merged, as Great Expectations suites."""
