"""Documents of filings: main documents and the exhibits that tell results, from SEC's archives."""

SOURCE = "sec"
