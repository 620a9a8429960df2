import httpx
import pytest

from schema.database import Database
from tests.harness.company import Company, Drain
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge


@pytest.fixture
def company(
    client: httpx.AsyncClient, database: Database, organization: Organization, github: Forge, drain: Drain
) -> Company:
    """A company on GitHub."""
    return Company(client, database, organization, github, drain)


@pytest.fixture
def laboratory(
    client: httpx.AsyncClient, database: Database, organization: Organization, gitlab: Forge, drain: Drain
) -> Company:
    """A company on GitLab."""
    return Company(client, database, organization, gitlab, drain)
