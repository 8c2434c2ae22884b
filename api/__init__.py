"""The read API: answers of `warehouse.read` over HTTP, as JSON or CSV."""
