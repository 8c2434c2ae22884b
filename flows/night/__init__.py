"""A night: what it is asked to do, whom it asks and how, and its open run."""
