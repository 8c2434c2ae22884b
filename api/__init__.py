"""The read API: answers of `warehouse.read` over HTTP."""
