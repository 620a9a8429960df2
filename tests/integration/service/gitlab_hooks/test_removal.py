"""Connections that are deleted, with their hooks or without."""

from typing import Any

from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.hook_registrations import HookRegistrations

PROJECT: dict[str, Any] = {"scope": "project", "path": "octo/shop"}


async def test_the_hook_is_removed_on_request_and_secrets_are_deleted(hooks: HookRegistrations) -> None:
    begun = await hooks.register(**PROJECT)
    await hooks.ask("DELETE", f"connections/{begun['id']}", 204, params={"remove_hook": "true"})
    assert (await hooks.show(begun))["state"] == "removing"
    await hooks.work()
    assert (await hooks.show(begun))["state"] == "removed"
    assert hooks.fake.hooks.at("project octo/shop") == []
    [connection] = await hooks.connections()
    assert (connection["state"], connection["has_token"]) == ("deleted", False)


async def test_without_the_request_the_hook_stays_and_gitlab_is_not_contacted(hooks: HookRegistrations) -> None:
    begun = await hooks.register(**PROJECT)
    await hooks.ask("DELETE", f"connections/{begun['id']}", 204)
    assert (await hooks.show(begun))["state"] == "removed"
    requests = len(hooks.fake.requests)
    await hooks.work()
    assert len(hooks.fake.requests) == requests
    assert len(hooks.fake.hooks.at("project octo/shop")) == 1
    await hooks.ask("DELETE", f"connections/{begun['id']}", 404)


async def test_a_hook_that_gitlab_does_not_remove_is_reported_and_the_connection_is_closed(
    hooks: HookRegistrations,
) -> None:
    begun = await hooks.register(**PROJECT)
    hooks.fake.hooks.is_maintainer = False
    await hooks.ask("DELETE", f"connections/{begun['id']}", 204, params={"remove_hook": "true"})
    await hooks.work()
    shown = await hooks.show(begun)
    assert shown["state"] == "removed"
    assert "the rights of a maintainer of the project" in shown["failure"]
    [connection] = await hooks.connections()
    assert (connection["state"], connection["has_token"]) == ("deleted", False)


async def test_a_connection_made_by_hand_is_deleted_without_removing_its_hook(hooks: HookRegistrations) -> None:
    made = await hooks.ask("POST", "connections", 201, json={"forge": "github"})
    answer = await hooks.ask("DELETE", f"connections/{made['id']}", 409, params={"remove_hook": "true"})
    assert answer["field"] == "remove_hook"
    await hooks.ask("DELETE", f"connections/{made['id']}", 204)
    await hooks.ask("DELETE", "connections/1-" + "0" * 32, 404)
    assert [each["state"] for each in await hooks.connections()] == ["deleted"]


async def test_the_project_can_be_registered_again(hooks: HookRegistrations) -> None:
    first = await hooks.register(**PROJECT)
    await hooks.ask("DELETE", f"connections/{first['id']}", 204, params={"remove_hook": "true"})
    await hooks.work()
    again = await hooks.register(**PROJECT)
    assert again["id"] != first["id"]
    shop = hooks.fake.repositories["octo/shop"]
    assert hooks.fake.hooks.fire(shop, deliveries(shop)[0]) == [202]
