import uuid
from collections.abc import AsyncIterator

import pytest

from schema.settings import Settings
from tests.conftest import MASTER_SECRET
from tests.harness.servers import TEMPLATE, Administration, url_of
from tests.integration.service.api.conftest import api, company

__all__ = ["api", "company"]


@pytest.fixture
async def unchecked(administration: Administration, redis_url: str) -> AsyncIterator[Settings]:
    """Return settings of a database whose rows need not add up, because a test invents them."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    administration.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER shipledger STRATEGY FILE_COPY")
    url = url_of(administration.socket_folder, name)
    yield Settings(database_url=url, redis_url=redis_url, secret_key=MASTER_SECRET, _env_file=None)
    administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def superuser_url(unchecked: Settings) -> str:
    """Return the URL of the unchecked database for a role that sees all rows."""
    return unchecked.database_url.replace("//shipledger@", "//postgres@")
