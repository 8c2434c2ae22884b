"""The API on the sample's nights, for the tests that ask it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.api.serving import serving
from tests.nights import SampleNights
from warehouse.db import open_warehouse
from warehouse.read.pool import ReaderPool
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def pool(sample_nights: SampleNights) -> Iterator[ReaderPool]:
    """Two connections, so that a test can have them all."""
    settings = Settings(home=sample_nights.home.path, database_url=None)
    with open_warehouse(settings) as warehouse:
        made = ReaderPool(warehouse, size=2, wait_seconds=0.2)
        yield made
        made.close()


@pytest.fixture(scope="session")
def client(pool: ReaderPool) -> Iterator[httpx.Client]:
    """A client of the API on the sample."""
    with serving(pool) as asking:
        yield asking
