"""Whether the API lives, and whether it can answer."""

from typing import Final

from fastapi import APIRouter, Request, Response

from reports.formats import as_json
from warehouse.read.pool import ReaderPool
from warehouse.read.publications import current_publication

router: Final = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Whether the process answers.")
def live() -> Response:
    """Asks nothing of the warehouse."""
    return Response(as_json({"status": "live"}), media_type="application/json")


@router.get("/ready", summary="Whether a publication can be read.")
def ready(request: Request) -> Response:
    """503 with the reason where not."""
    pool: ReaderPool = request.app.state.pool
    with pool.snapshot() as connection:
        told = {"status": "ready", "run_id": current_publication(connection).run_id}
        return Response(as_json(told), media_type="application/json")
