"""Registrations that cannot be: each says what to do about it, and leaves no connection behind."""

from dataclasses import replace
from typing import Any

import pytest

from schema.failures import Failure
from schema.settings import Settings
from service.app import create_app
from service.failures import EXPLANATIONS, failure_sentence
from tests.harness.forges.hook_registrations import HookRegistrations
from tests.harness.listening import listening
from workers.forges.clients import Clients

PROJECT = {"scope": "project", "path": "octo/shop"}


@pytest.mark.parametrize(
    ("asked", "rights", "says"),
    [
        ({**PROJECT, "token": "another"}, {}, "GitLab refuses the access token"),
        (
            {"scope": "group", "path": "nobody"},
            {},
            "There is no group with this path, or the access token cannot see it",
        ),
        (
            {"scope": "project", "path": "octo/nothing"},
            {},
            "There is no project with this path, or the access token cannot see it",
        ),
        ({"scope": "group", "path": "octo"}, {"is_premium": False}, "Group webhooks need GitLab Premium"),
        ({"scope": "group", "path": "octo"}, {"is_maintainer": False}, "the rights of an owner of the group"),
        ({"scope": "system"}, {"is_administrator": False}, "the rights of an administrator"),
    ],
)
async def test_it_fails_with_one_reason_and_nothing_is_left(
    hooks: HookRegistrations, asked: dict[str, Any], rights: dict[str, bool], says: str
) -> None:
    for name, value in rights.items():
        setattr(hooks.fake.hooks, name, value)
    shown = await hooks.register(**asked)
    assert shown["state"] == "failed"
    assert says in shown["failure"]
    assert "CANARY" not in shown["failure"]
    assert await hooks.connections() == (await hooks.ask("GET", "backfills", 200))["items"] == []
    assert not any(hooks.fake.hooks.hooks.values())


async def test_a_private_address_is_contacted_only_if_the_operator_allows_it(hooks: HookRegistrations) -> None:
    hooks.context = replace(hooks.context, forges=Clients(allow_private=False, clock=hooks.fake.clock))
    shown = await hooks.register(**PROJECT)
    assert shown["state"] == "failed"
    assert "SHIPLEDGER_ALLOW_PRIVATE_HOSTS" in shown["failure"]
    assert (hooks.fake.requests, await hooks.connections()) == ([], [])


async def test_a_server_that_is_not_a_gitlab_is_reported(hooks: HookRegistrations) -> None:
    shown = await hooks.register(**PROJECT, base_url=hooks.service)
    assert (shown["state"], shown["failure"]) == ("failed", EXPLANATIONS[Failure.NO_GITLAB].sentence)


async def test_a_gitlab_that_does_not_respond_is_retried_and_then_given_up(hooks: HookRegistrations) -> None:
    begun = await hooks.begin(**PROJECT, base_url="http://127.0.0.1:9")
    await hooks.work()
    waiting = await hooks.show(begun)
    assert (waiting["state"], waiting["failure"]) == (
        "waiting",
        failure_sentence(f"{Failure.FORGE_AWAY}: the connection was refused"),
    )
    for _ in range(2):
        hooks.fake.clock.sleep(3600)
        await hooks.work()
    assert (await hooks.show(begun))["state"] == "failed"
    assert await hooks.connections() == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({**PROJECT, "token": None}, "token"),
        ({**PROJECT, "token": "a\nb"}, "token"),
        ({"scope": "project", "path": "shop"}, "path"),
        ({"scope": "group", "path": "../admin"}, "path"),
        ({"scope": "group"}, "path"),
        ({"scope": "system", "path": "octo"}, "path"),
        ({"scope": "system", "base_url": None}, "scope"),
        ({**PROJECT, "base_url": "ftp://git.example.com"}, "base_url"),
        # Without a public URL of the service, GitLab cannot reach it.
        ({**PROJECT, "base_url": None}, "public_url"),
        ({**PROJECT, "base_url": None, "public_url": "http://10.0.0.8"}, "public_url"),
        ({**PROJECT, "base_url": "https://git.example.com"}, "public_url"),
        ({**PROJECT, "public_url": "example"}, "public_url"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_stored(
    hooks: HookRegistrations, asked: dict[str, Any], field: str
) -> None:
    answer = await hooks.begin(400, **asked)
    assert answer["field"] == field, answer
    assert await hooks.connections() == (await hooks.ask("GET", "registrations", 200))["items"] == []


async def test_a_dry_run_says_what_would_be_made_and_stores_nothing(hooks: HookRegistrations) -> None:
    reported = {**PROJECT, "base_url": None, "token": None, "public_url": "https://ledger.example.com", "dry_run": True}
    begun = await hooks.begin(200, **reported)
    assert (begun["id"], begun["warnings"]) == (None, [])
    assert begun["webhook_url"].startswith("https://ledger.example.com/webhooks/gitlab/")
    assert begun["hook"]["enable_ssl_verification"] is True
    assert (await hooks.ask("GET", "registrations", 200))["items"] == []
    begun = await hooks.begin(200, scope="system", dry_run=True)
    assert [each.split()[0] for each in begun["warnings"]] == [hooks.service, "A"]


async def test_the_public_address_of_the_settings_is_where_hooks_send_to(
    hooks: HookRegistrations, settings: Settings
) -> None:
    reported = settings.model_copy(update={"public_url": "https://ledger.example.com/"})
    with listening(create_app(reported)) as url:
        hooks.service = url
        begun = await hooks.begin(**PROJECT)
    assert begun["webhook_url"] == f"https://ledger.example.com/webhooks/gitlab/{begun['id']}"
