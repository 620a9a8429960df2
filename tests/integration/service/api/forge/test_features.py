"""/api/v1/features, and what merged pull requests cost by feature."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from tests.harness.webhooks import Forge, recorded
from tests.integration.service.api.conftest import Api, token_event

Drain = Callable[[], Awaitable[None]]
Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


async def put(api: Api, name: str, *labels: str, status: int = 200) -> Any:
    body = {"name": name, "labels": list(labels)}
    answer = await api.client.put("/api/v1/features", json=body, headers=api.organization.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def merged(number: int, branch: str, *labels: str, updated_at: str = "2026-11-18T15:00:00Z") -> dict[str, Any]:
    payload = recorded("github", "pull_request__merged")
    ends = {"merged_at": "2026-11-18T15:00:00Z", "closed_at": "2026-11-18T15:00:00Z", "updated_at": updated_at}
    payload["pull_request"].update(number=number, created_at="2026-11-18T08:00:00Z", **ends)
    payload["pull_request"]["head"]["ref"] = branch
    payload["pull_request"]["labels"] = [{"name": each, "description": "CANARY-description"} for each in labels]
    payload["number"] = number
    return payload


async def company(api: Api, github: Forge, drain: Drain) -> None:
    """200 tokens on #1 (CANARY-search), 400 on #2 (both labels), 600 on #3 without any."""
    for number, labels in ((1, ["CANARY-search"]), (2, ["CANARY-Index", "canary-search"]), (3, [])):
        await github.deliver_payload("pull_request", merged(number, f"branch-{number}", *labels))
    repository = f"github.com/{recorded('github', 'pull_request__merged')['repository']['full_name']}"
    events = [token_event(f"e{n}", f"branch-{n}", 100 * n, repository=repository) for n in (1, 2, 3)]
    await api.post("token-events", {"items": events})
    await drain()


async def by_feature(api: Api) -> dict[str, tuple[int, int]]:
    items = (await api.get("metrics/tokens-per-pr", **NOVEMBER, group_by="feature"))["items"]
    assert {row["fully_loaded_tokens_per_merged_pr"] for row in items} <= {None}
    return {row["feature"]: (row["merged_pull_requests"], row["tokens"]["total"]) for row in items}


async def test_labels_map_to_a_feature_also_what_was_merged_before(api: Api, github: Forge, drain: Drain) -> None:
    await company(api, github, drain)
    assert await by_feature(api) == {"": (3, 1200)}
    shown = await put(api, "search", "CANARY-SEARCH ")
    assert (shown["name"], shown["labels"], shown["merged_pull_requests"]) == ("search", 1, 2)
    assert await by_feature(api) == {"search": (2, 600), "": (1, 600)}
    assert sum(tokens for _, tokens in (await by_feature(api)).values()) == 1200


async def test_a_pull_request_of_two_features_counts_in_the_first_by_name(
    api: Api, github: Forge, drain: Drain
) -> None:
    await company(api, github, drain)
    await put(api, "search", "CANARY-search")
    await put(api, "index", "CANARY-index")
    assert await by_feature(api) == {"index": (1, 400), "search": (1, 200), "": (1, 600)}


async def test_labels_are_kept_as_keyed_hashes_alone(api: Api, github: Forge, drain: Drain, table: Table) -> None:
    await company(api, github, drain)
    await put(api, "search", "CANARY-search")
    rows = await table("pull_request_labels")
    assert sorted(len(row["labels"]) for row in rows) == [0, 1, 2]
    assert {len(each) for row in [*rows, *await table("feature")] for each in row["labels"]} == {32}


async def test_the_newest_word_on_labels_counts_in_any_order(github: Forge, drain: Drain, table: Table) -> None:
    later = merged(1, "branch-1", updated_at="2026-11-18T16:00:00Z")
    for payload in (later, merged(1, "branch-1", "CANARY-search")):
        await github.deliver_payload("pull_request", payload)
        await drain()
    rows = await table("pull_request_labels")
    assert [list(row["labels"]) for row in rows] == [[]]


async def test_a_label_means_one_feature_only(api: Api) -> None:
    await put(api, "search", "one", "two")
    refused = await put(api, "index", "three", "TWO", status=400)
    assert refused["field"] == "labels[1]"
    assert [each["name"] for each in (await api.get("features"))["items"]] == ["search"]


async def test_a_feature_is_replaced_and_dropped(api: Api, other_api: Api) -> None:
    await put(api, "search", "one", "two")
    assert (await put(api, "search", "three"))["labels"] == 1
    assert (await other_api.get("features"))["items"] == []
    headers = api.organization.headers
    gone = [await api.client.delete("/api/v1/features", params={"name": "search"}, headers=headers) for _ in range(2)]
    assert [each.status_code for each in gone] == [204, 404]
    assert (await api.get("features"))["items"] == []


async def test_coverage_says_what_is_known_by_webhooks_alone(api: Api, github: Forge, drain: Drain) -> None:
    await company(api, github, drain)
    shown = await api.get("coverage")
    assert shown["pull_requests"] == {"merged": 3, "enriched_share": 0.0, "waiting": 0}
    assert shown["releases"]["releases"] == 0
    assert shown["releases"]["notes_agreement"] is None
