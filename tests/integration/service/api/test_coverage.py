"""GET /api/v1/coverage."""

import pytest

from tests.integration.service.api.conftest import Api


async def test_shares_are_of_what_was_settled(company: Api) -> None:
    coverage = await company.get("coverage")
    assert coverage["settled_tokens"] == 2000
    assert coverage["evidence"]["branch"] == 1
    assert sum(coverage["evidence"].values()) == pytest.approx(1)
    assert coverage["priced_share"] == 1
    assert 0 <= coverage["intake_lag_seconds"]["median"] <= coverage["intake_lag_seconds"]["p90"]


async def test_shares_of_nothing_are_null(company: Api) -> None:
    coverage = await company.get("coverage", to="2000-01-01")
    assert coverage["settled_tokens"] == 0
    assert coverage["evidence"] is coverage["priced_share"] is coverage["intake_lag_seconds"] is None


async def test_another_organization_has_none(company: Api, other_api: Api) -> None:
    assert (await other_api.get("coverage"))["settled_tokens"] == 0
    assert (await company.get("coverage"))["settled_tokens"] == 2000
