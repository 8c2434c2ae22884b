"""The compiled models that tests of several files share, on a warehouse of their own."""

from collections.abc import Iterator

import pytest

from tests.conftest import Cluster
from tests.dbt.compiled import AS_OF, CompiledModels


@pytest.fixture(scope="session")
def models(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CompiledModels]:
    """Whoever uses them empties them first."""
    with cluster.fresh(template) as warehouse:
        yield CompiledModels.compile(warehouse, tmp_path_factory.mktemp("dbt"), AS_OF)
