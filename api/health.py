"""Whether the API lives, and whether it can answer."""

from typing import Final

from fastapi import APIRouter, Request, Response

from api import answers
from reports.formats import as_json

router: Final = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Whether the process answers.")
def live() -> Response:
    """Asks nothing of the warehouse."""
    return Response(as_json({"status": "live"}), media_type="application/json")


@router.get("/ready", summary="Whether a publication can be read.")
def ready(request: Request) -> Response:
    """503 with the reason where not."""
    with answers.snapshot(request) as seen:
        told = {"status": "ready", "run_id": seen.publication.run_id}
        return Response(as_json(told), media_type="application/json")
