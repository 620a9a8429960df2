from datetime import UTC, datetime

import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.integration.workers.stored_facts import StoredFacts


@pytest.fixture
def stored(database: Database, organization: Organization) -> StoredFacts:
    return StoredFacts(database, organization, datetime(2026, 3, 2, tzinfo=UTC))
