"""Hooks at GitLab: from the request through a worker to a GitLab that keeps state, and its deliveries back."""

from datetime import timedelta
from typing import Any

import pytest

from schema.failures import Failure
from schema.queue import Job
from service.diagnosis.finding import State
from service.diagnosis.hooks import check_hooks
from service.failures import failure_sentence
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository
from tests.harness.forges.hook_registrations import HookRegistrations
from workers.stores.upkeep.due_work import find_due

PROJECT = {"scope": "project", "path": "Octo/Shop"}


async def test_a_projects_hook_is_made_signed_with_tls_verified_and_tested(hooks: HookRegistrations) -> None:
    shown = await hooks.register(**PROJECT)
    assert (shown["state"], shown["failure"], shown["signed"], shown["test"]) == ("registered", None, True, "arrived")
    [hook] = hooks.fake.hooks.at("project octo/shop")
    settings = hook.shown()
    assert settings["enable_ssl_verification"] is True
    on = {name for name, value in settings.items() if name.endswith("_events") and value}
    assert on == {
        *("deployment_events", "merge_requests_events", "note_events", "pipeline_events"),
        *("push_events", "releases_events", "tag_push_events"),
    }
    # The older token travels as it is, and would tell the key.
    assert (hook.token, hook.signing_token[:6]) == ("", "whsec_")
    assert settings["url"] == shown["webhook_url"] == f"{hooks.service}/webhooks/gitlab/{shown['id']}"
    assert [each.status for each in hook.sent] == [202]
    [connection] = await hooks.connections()
    assert (connection["id"], connection["has_token"]) == (shown["id"], True)
    assert connection["last_delivery_at"] == shown["last_delivery_at"] is not None


async def test_a_gitlab_without_signing_tokens_gets_the_secret_token(hooks: HookRegistrations) -> None:
    hooks.fake.hooks.knows_signing = False
    shown = await hooks.register(**PROJECT)
    assert (shown["state"], shown["signed"], shown["test"]) == ("registered", False, "arrived")
    [hook] = hooks.fake.hooks.at("project octo/shop")
    assert (hook.signing_token, hook.token[:6]) == ("", "whsec_")


async def test_a_gitlab_that_offers_no_tests_or_has_nothing_to_send_is_registered_all_the_same(
    hooks: HookRegistrations,
) -> None:
    hooks.fake.hooks.offers_tests = False
    assert (await hooks.register(**PROJECT))["test"] == "not_offered"
    hooks.fake.hooks.offers_tests = True
    hooks.fake.repositories["octo/new"] = make_repository(2, "octo/new", pull_requests=0)
    shown = await hooks.register(scope="project", path="octo/new")
    assert (shown["state"], shown["test"]) == ("registered", "nothing_to_send")


async def test_a_hook_is_recreated_if_the_instance_cannot_change_it(hooks: HookRegistrations) -> None:
    hooks.fake.hooks.knows_signing = hooks.fake.hooks.changes_system_hooks = False
    begun = await hooks.register(scope="system")
    assert (begun["state"], begun["signed"], begun["test"]) == ("registered", False, "arrived")
    [hook] = hooks.fake.hooks.at("system")
    hook.settings["tag_push_events"] = False
    await hooks.work()
    assert (await hooks.show(begun))["last_repair"] == "tag_push_events"
    [hook] = hooks.fake.hooks.at("system")
    assert (hook.settings["tag_push_events"], hook.token[:6]) == (True, "whsec_")
    shop = hooks.fake.repositories["octo/shop"]
    assert hooks.fake.hooks.fire(shop, deliveries(shop)[0]) == [202]


async def test_what_was_there_before_is_fetched_of_the_projects_that_the_hook_hears(hooks: HookRegistrations) -> None:
    hooks.fake.repositories["other/site"] = make_repository(2, "other/site", pull_requests=1)
    hooks.fake.repositories["octo/sub/api"] = make_repository(3, "octo/sub/api", pull_requests=1)
    shown = await hooks.register(scope="group", path="octo")
    [begun] = (await hooks.ask("GET", "backfills", 200))["items"]
    assert (begun["connection"], begun["repositories"]) == (shown["id"], 2)
    await hooks.register(scope="project", path="other/site", backfill=False)
    assert len((await hooks.ask("GET", "backfills", 200))["items"]) == 1


async def test_the_same_again_is_mended_with_the_new_token_and_not_made_twice(hooks: HookRegistrations) -> None:
    first = await hooks.register(**PROJECT)
    [hook] = hooks.fake.hooks.at("project octo/shop")
    hook.settings["merge_requests_events"] = False
    again = await hooks.register(scope="project", path="octo/shop", public_url="http://127.0.0.1:1/elsewhere")
    assert again["id"] == first["id"]
    assert hooks.fake.hooks.at("project octo/shop") == [hook]
    assert hook.settings["merge_requests_events"] is True
    assert hook.settings["url"] == again["webhook_url"] == f"http://127.0.0.1:1/elsewhere/webhooks/gitlab/{first['id']}"
    assert again["test"] == "lost"
    assert len(await hooks.connections()) == len((await hooks.ask("GET", "backfills", 200))["items"]) == 1


async def test_a_token_that_is_refused_at_renewal_leaves_the_hook_and_the_token_as_they_were(
    hooks: HookRegistrations,
) -> None:
    await hooks.register(**PROJECT)
    shown = await hooks.register(**PROJECT, token="another")
    assert shown["state"] == "registered"
    assert shown["failure"].startswith("GitLab refuses the access token")
    assert len(hooks.fake.hooks.at("project octo/shop")) == len(await hooks.connections()) == 1
    await hooks.work()
    assert (await hooks.show(shown))["failure"] is None


async def test_a_token_that_is_taken_at_renewal_replaces_the_one_before(
    hooks: HookRegistrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await hooks.register(**PROJECT)
    monkeypatch.setattr("tests.harness.forges.gitlab.TOKEN", "glpat-another")
    await hooks.work()
    assert (await hooks.show(begun))["failure"].startswith("GitLab refuses the access token")
    renewed = await hooks.register(**PROJECT, token="glpat-another")
    assert (renewed["id"], renewed["failure"]) == (begun["id"], None)
    await hooks.work()
    assert (await hooks.show(begun))["failure"] is None


async def test_a_hook_that_gitlab_switched_off_is_called_again_once_deliveries_arrive(
    hooks: HookRegistrations,
) -> None:
    begun = await hooks.register(**PROJECT)
    [hook] = hooks.fake.hooks.at("project octo/shop")
    shop = hooks.fake.repositories["octo/shop"]
    event = deliveries(shop)[0]
    for failures in (4, 40):
        hook.failures = failures
        assert hooks.fake.hooks.fire(shop, event) == []
        await hooks.work()
        assert (await hooks.show(begun))["last_repair"] == "switched_off"
        assert hooks.fake.hooks.fire(shop, event) == [202]
    assert (await hooks.show(begun))["repairs"] == 2


async def test_a_hook_that_still_cannot_reach_us_stays_disabled_and_counts_as_no_repair(
    hooks: HookRegistrations,
) -> None:
    begun = await hooks.register(**PROJECT, public_url="http://127.0.0.1:9")
    [hook] = hooks.fake.hooks.at("project octo/shop")
    for each in deliveries(hooks.fake.repositories["octo/shop"])[:4]:
        hook.send(each, "")
    await hooks.work()
    assert (hook.alert_status, (await hooks.show(begun))["repairs"]) == ("temporarily_disabled", 0)


@pytest.mark.parametrize(
    ("changed", "mended"),
    [
        ({"tag_push_events": False, "note_events": False}, "note_events, tag_push_events"),
        ({"enable_ssl_verification": False}, "enable_ssl_verification"),
        ({"url": "https://elsewhere.example.com/hook"}, "signing_token, url"),
        ({"push_events_branch_filter": "release/*"}, "push_events_branch_filter"),
        ({"custom_webhook_template": "{}"}, "custom_webhook_template"),
    ],
)
async def test_drift_is_found_mended_and_counted(
    hooks: HookRegistrations, changed: dict[str, Any], mended: str
) -> None:
    begun = await hooks.register(**PROJECT)
    await hooks.work()
    assert (await hooks.show(begun))["repairs"] == 0
    [hook] = hooks.fake.hooks.at("project octo/shop")
    before = hook.shown()
    hook.settings |= changed
    if "url" in changed:
        hook.signing_token = ""
    await hooks.work()
    shown = await hooks.show(begun)
    assert (shown["repairs"], shown["last_repair"], shown["failure"]) == (1, mended, None)
    assert {**hook.shown(), "custom_webhook_template": None} == {**before, "custom_webhook_template": None}
    await hooks.work()
    assert (await hooks.show(begun))["repairs"] == 1


async def test_another_secret_shows_in_what_was_refused_and_is_mended_once(hooks: HookRegistrations) -> None:
    begun = await hooks.register(**PROJECT)
    [hook] = hooks.fake.hooks.at("project octo/shop")
    hook.signing_token = "whsec_" + "A" * 43 + "="
    shop = hooks.fake.repositories["octo/shop"]
    reported = deliveries(shop)
    assert hooks.fake.hooks.fire(shop, reported[0]) == [401]
    await hooks.work()
    assert (await hooks.show(begun))["last_repair"] == "signing_token"
    assert hooks.fake.hooks.fire(shop, reported[1]) == [202]
    await hooks.work()
    assert (await hooks.show(begun))["repairs"] == 1


async def test_a_hook_that_was_deleted_is_made_again(hooks: HookRegistrations) -> None:
    begun = await hooks.register(**PROJECT)
    hooks.fake.hooks.hooks.clear()
    await hooks.work()
    shown = await hooks.show(begun)
    assert (shown["repairs"], shown["last_repair"]) == (1, "missing")
    [hook] = hooks.fake.hooks.at("project octo/shop")
    assert hook.settings["url"] == begun["webhook_url"]


async def test_a_check_that_cannot_be_made_says_why_and_the_next_one_clears_it(hooks: HookRegistrations) -> None:
    begun = await hooks.register(**PROJECT)
    hooks.fake.hooks.is_maintainer = False
    await hooks.work()
    shown = await hooks.show(begun)
    assert (shown["state"], shown["failure"]) == (
        "registered",
        failure_sentence(f"{Failure.HOOK_FORBIDDEN_PROJECT}: 403 Forbidden"),
    )
    hooks.fake.hooks.is_maintainer = True
    await hooks.work()
    assert (await hooks.show(begun))["failure"] is None


async def test_doctor_says_what_is_wrong_with_hooks(hooks: HookRegistrations) -> None:
    async def finding() -> tuple[str, str, str] | None:
        async with hooks.database.operator() as connection:
            found = await check_hooks(connection)
        return (found[0].state, found[0].detail, found[0].remedy) if found else None

    assert await finding() is None
    await hooks.register(**PROJECT)
    assert await finding() == (State.OK, "1, repaired 0 times", "")
    hooks.fake.hooks.is_maintainer = False
    await hooks.work()
    reported = await finding()
    assert reported is not None
    assert reported[:2] == (State.WARNING, "1 of 1 cannot be maintained, for example on 127.0.0.1")
    assert "the rights of a maintainer" in reported[2]


async def test_doctor_says_when_nothing_arrives(hooks: HookRegistrations) -> None:
    await hooks.register(**PROJECT, public_url="http://127.0.0.1:9")
    async with hooks.database.operator() as connection:
        [found] = await check_hooks(connection)
    assert (found.state, "SHIPLEDGER_PUBLIC_URL" in found.remedy) == (State.WARNING, True)


async def test_the_sweep_finds_what_waits_and_what_is_to_be_looked_at_again(hooks: HookRegistrations) -> None:
    async def is_due() -> bool:
        async with hooks.database.operator() as connection:
            found = await find_due(connection, timedelta())
        return (Job.REGISTER_HOOKS, hooks.organization.organization_id) in found

    assert not await is_due()
    begun = await hooks.begin(**PROJECT)
    assert await is_due()
    await hooks.work()
    assert not await is_due()
    async with hooks.database.organization(hooks.organization.organization_id) as tenant:
        await tenant.connection.execute("UPDATE hook_registration SET next_attempt_at = now()")
    assert await is_due()
    await hooks.ask("DELETE", f"connections/{begun['id']}", 204)
    assert not await is_due()
