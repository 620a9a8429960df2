"""Values that nobody should send: each is refused or finds nothing, and none is an error of ours."""

import itertools
from typing import Any

import pytest

from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event

ODD = ["", " ", "\0", "é\u2028", "-1", "0", "9" * 30, "1e9", "null", "[]", "a1_" + "f" * 64, "%", "'; --", "x" * 5000]
ODD_TIMES = ["9999-12-31", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "2026-W01"]
PARAMETERS = {
    "attributions": (
        "artifact_id",
        "forge",
        "repository",
        "number",
        "team",
        "merged_from",
        "merged_to",
        "cursor",
        "limit",
    ),
    "metrics/tokens-per-pr": ("team", "from", "to", "bucket", "group_by", "cursor", "limit"),
    "ledger": ("team", "from", "to"),
    "coverage": ("team", "from", "to"),
    "releases": ("forge", "repository", "tag", "cursor", "limit"),
    "gateway-estimates": ("team", "from", "to", "cursor", "limit"),
    "gateway-calibrations": ("cursor",),
    "teams": ("cursor", "limit"),
    "keys": ("cursor", "limit"),
}


@pytest.mark.parametrize("path", PARAMETERS)
async def test_odd_parameters_cause_no_server_error(company: Api, path: str) -> None:
    for name, value in itertools.product(PARAMETERS[path], ODD + ODD_TIMES):
        query = {name: value}
        if name in {"number", "tag"}:
            query["repository"] = "github.com/octo-org/octo-repo"
        headers = company.organization.headers
        answer = await company.client.get(f"/api/v1/{path}", params=query, headers=headers)
        assert answer.status_code in {200, 400, 404}, (query, answer.text)
        assert answer.json().get("field", name) == name


async def test_odd_paths_cause_no_server_error(api: Api) -> None:
    headers = api.organization.headers
    for value in ("x", "%00", "a1_" + "f" * 64, "..", "é"):
        for method, path in (("GET", "releases"), ("DELETE", "keys")):
            answer = await api.client.request(method, f"/api/v1/{path}/{value}", headers=headers)
            assert answer.status_code in {400, 404, 405}, (method, path, value, answer.text)


async def test_odd_bodies_cause_no_server_error(api: Api) -> None:
    headers = api.organization.headers
    good: dict[str, tuple[dict[str, Any], bool]] = {
        "teams": ({"name": "x", "size": 5, "telemetry_ids": ["t"], "repositories": ["github.com/a/b"]}, False),
        "keys": ({"name": "x", "scopes": ["read"], "team": "default"}, False),
        "pull-requests": (
            pull_request(1, state="open", repository_id=1, head_branch="b", base_branch="m", changed_lines=1),
            True,
        ),
        "releases": (
            {
                "forge": "github",
                "repository": REPOSITORY,
                "tag": "v1",
                "state": "tag",
                "released_at": "2026-11-18T08:00:00Z",
                "commit": "ab" * 20,
                "pull_requests": [1],
            },
            True,
        ),
        "gateway-usage": (
            {
                "event_id": "x",
                "occurred_at": "2026-11-18T08:00:00Z",
                "model": "m",
                "provider": "p",
                "route": "/r",
                "request_bytes": 1,
                "response_bytes": 1,
                "stream": True,
                "team": "t",
                "request_id": "r",
                "input_tokens": 1,
                "output_tokens": 1,
            },
            True,
        ),
        "token-events": (token_event("x", "b", 1, number=1, session="s", commit="ab" * 20, workflow="w"), True),
    }
    for path, (body, is_bulk) in good.items():
        for name in body:
            for odd in [*ODD, *ODD_TIMES, None, True, -1, 2**63, 1.5, [], ["\0"], {}, [[]]]:
                reported = {**body, name: odd}
                json = {"items": [reported]} if is_bulk else reported
                answer = await api.client.post(f"/api/v1/{path}", json=json, headers=headers)
                assert answer.status_code in {200, 201, 202, 400, 404}, (path, name, odd, answer.text)
