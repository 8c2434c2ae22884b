"""The application: its routes, and the pool of connections that they ask."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI

from api import answers, catalogue, companies, figures, guard, health, problems, unchanged
from warehouse.read.pool import ReaderPool

_DESCRIPTION: Final = (
    "Each answer is of one publication, which header Corpintel-Publication names. Numbers are"
    " exact: read them as decimals. An amount is in the currency beside it, a column that ends in"
    " _pct is a share (0.25 is a quarter), and a blank value has its reason."
)
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The answer, in the format that was asked for.",
        "content": {
            "application/json": {
                "example": {"publication": {"run_id": 2, "as_of": "2026-07-10"}, "data": []}
            },
            **{of: {} for of in answers.MEDIA_TYPES.values() if of != "application/json"},
        },
    },
    304: {"description": "The client has the answer already, by the tag that it sent."},
    **{
        status: {
            "description": f"{what}, as problem details (RFC 9457).",
            "content": {"application/problem+json": {}},
        }
        for status, what in (
            (400, "A parameter is wrong or unknown"),
            (404, "There is no such company, line or period"),
            (503, "All connections are in use, or nothing is published"),
        )
    },
}


def application(pool: ReaderPool, hosts: Sequence[str] = guard.LOOPBACK) -> FastAPI:
    """The API over the publications that the pool's connections see, by these hosts' names."""
    # Its pages for people would load scripts from elsewhere.
    app = FastAPI(
        title="Corporate Intel",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.pool = pool
    guard.install(app, hosts)
    problems.install(app)
    unchanged.install(app)
    for router in (companies.router, figures.router, catalogue.router):
        app.include_router(router, responses=_RESPONSES)
    app.include_router(health.router)
    return app
