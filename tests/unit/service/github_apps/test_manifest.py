"""The manifest asks for exactly what is read, and for what is switched on."""

import pytest

from schema.errors import BadInputError
from service.github_apps.manifest import AppRequest, build_manifest, chosen_name, form_action
from tests.harness.forges.github_apps import check_manifest

READING = {
    "contents": "read",
    "deployments": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "read",
}
EVENTS = [
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "installation_target",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
    "release",
    "repository",
]


LEDGER = "https://ledger.example.com"


def requested(webhook_url: str | None = LEDGER, *, teams: bool = False, checks: bool = False) -> AppRequest:
    return AppRequest("ledger", "https://own.example.com", webhook_url, "1-" + "a" * 32, teams, checks)


def test_it_reads_and_is_private() -> None:
    manifest = build_manifest(requested())
    assert manifest == {
        "name": "ledger",
        "url": "https://ledger.example.com",
        "hook_attributes": {"url": "https://ledger.example.com/webhooks/github", "active": True},
        "redirect_url": "https://own.example.com/github/registered",
        "setup_url": "https://own.example.com/github/installed/1-" + "a" * 32,
        "setup_on_update": True,
        "public": False,
        "default_permissions": READING,
        "default_events": EVENTS,
    }
    check_manifest(manifest)


@pytest.mark.parametrize(
    ("teams", "checks", "more"),
    [
        (True, False, {"members": "read"}),
        (False, True, {"checks": "write"}),
        (True, True, {"members": "read", "checks": "write"}),
    ],
)
def test_member_and_check_permissions_are_requested_only_if_switched_on(
    teams: bool, checks: bool, more: dict[str, str]
) -> None:
    manifest = build_manifest(requested(teams=teams, checks=checks))
    assert manifest["default_permissions"] == {**READING, **more}
    check_manifest(manifest)


def test_an_address_that_github_cannot_reach_gets_no_hook() -> None:
    manifest = build_manifest(requested(None))
    assert "hook_attributes" not in manifest
    assert manifest["url"] == "https://own.example.com"
    check_manifest(manifest)


def test_events_that_every_app_is_sent_are_not_listed() -> None:
    assert not {"installation", "installation_repositories"} & set(build_manifest(requested())["default_events"])


def test_the_form_is_sent_to_the_organization_or_to_the_signed_in_user() -> None:
    assert form_action("https://github.com", None) == "https://github.com/settings/apps/new"
    assert form_action("https://g.example", "octo-org") == "https://g.example/organizations/octo-org/settings/apps/new"
    for bad in ("octo/org", "octo org", "-octo", "", "a" * 101):
        with pytest.raises(BadInputError) as refused:
            form_action("https://github.com", bad)
        assert refused.value.field == "organization"


def test_a_name_is_chosen_within_githubs_length() -> None:
    assert chosen_name(None, "octo-org", "1-abcdef") == "shipledger-octo-org"
    assert chosen_name(None, None, "1-00abcdef") == "shipledger-abcdef"
    assert len(chosen_name(None, "o" * 60, "1-a")) == 34
    assert chosen_name(" Ledger ", None, "1-a") == "Ledger"
    for bad in ("", " ", "x" * 35, "a\nb"):
        with pytest.raises(BadInputError) as refused:
            chosen_name(bad, None, "1-a")
        assert refused.value.field == "name"
