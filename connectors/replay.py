"""Nights that ask nobody: the transport, limits and breakers of a client that only replays."""

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


class NoLimits:
    """Replayed answers cost nobody anything."""

    def wait(self, source: str, units: int) -> float:
        """Nothing."""
        return 0.0

    def ask(self, source: str, units: int) -> tuple[int | None, float]:
        """Let the request out."""
        return 0, 0.0

    def leave(self, ticket: int) -> None:
        """Nothing was drawn."""


class NoBreakers:
    """Where nobody is asked, nobody is to be left alone, and none has answered."""

    def reason(self, host: str) -> str | None:
        """None: any host may be asked."""
        return None

    def open(self, source: str, host: str, reason: str, seconds: float) -> None:
        """Nobody is told."""

    def close(self, host: str) -> None:
        """Nobody is told."""
