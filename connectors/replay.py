"""An httpx transport for nights that ask nobody: what was not captured is not there."""

import httpx


class ArchiveOnlyTransport(httpx.BaseTransport):
    """Answers 404 to what the archive did not answer.

    The crumb that quoteSummary asks for first is never kept; any word does for it.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse one request."""
        if request.url.path.endswith("/v1/test/getcrumb"):
            return httpx.Response(200, content=b"replay")
        return httpx.Response(404)
