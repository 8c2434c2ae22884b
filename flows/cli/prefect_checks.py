"""What doctor looks at in Prefect: its server, the work pool and who works for it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from flows.cli import environment
from warehouse.settings import without_login

WORK_POOL: Final = "corpintel"
SECONDS: Final = 5.0

Found = tuple[str, Literal["ok", "wrong", "not used"], str]


def prefect_checks(home: Path) -> Iterator[Found]:
    """Server, pool and workers, where PREFECT_API_URL names a server; else nights need none."""
    environment.prepare(home)
    api = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if not api:
        told = "PREFECT_API_URL is not set; nights run by the command have a server of their own"
        yield "Prefect", "not used", told
        return
    shown = without_login(api)
    try:
        version = httpx.get(f"{api}/admin/version", timeout=SECONDS).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        told = f"PREFECT_API_URL={shown} does not answer ({type(error).__name__}); start it"
        yield "Prefect", "wrong", told
        return
    yield "Prefect", "ok", f"server {version} at {shown}"
    try:
        pool = httpx.get(f"{api}/work_pools/{WORK_POOL}", timeout=SECONDS)
        if pool.status_code == httpx.codes.NOT_FOUND:
            yield "Work pool", "wrong", f"{WORK_POOL} is not there; run corpintel deploy"
            return
        yield from _of_pool(api, pool.raise_for_status().json())
    except (httpx.HTTPError, ValueError) as error:
        yield "Work pool", "wrong", f"{shown} refused to show it ({type(error).__name__})"


def _of_pool(api: str, pool: dict[str, Any]) -> Iterator[Found]:
    if pool["is_paused"]:
        told = f"{WORK_POOL} is paused: prefect work-pool resume {WORK_POOL}"
        yield "Work pool", "wrong", told
    else:
        yield "Work pool", "ok", f"{WORK_POOL} takes runs"
    asked = httpx.post(
        f"{api}/work_pools/{WORK_POOL}/workers/filter", json={}, timeout=SECONDS
    ).raise_for_status()
    online = [worker["name"] for worker in asked.json() if worker["status"] == "ONLINE"]
    if online:
        yield "Workers", "ok", f"{len(online)} online"
    else:
        told = f"none is online: prefect worker start --pool {WORK_POOL}"
        yield "Workers", "wrong", told
