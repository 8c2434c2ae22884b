"""Documents: bytes of filings and releases → text, sections, tagged facts; pure, without I/O."""
