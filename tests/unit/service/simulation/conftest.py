from datetime import UTC, datetime

import pytest

from service.simulation.company import Company
from service.simulation.plans import plan_company
from service.simulation.simulator import simulate_company

ENDS_AT = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(scope="session")
def company() -> Company:
    return simulate_company(plan_company(seed=1, ends_at=ENDS_AT, weeks=8))
