"""Which settings of a hook are not as they should be."""

from typing import Any

import pytest

from vocabulary.hooks import HookScope, wanted_hook
from workers.forges.gitlab.hook_drift import drift, find_hook

URL = "https://ledger.example.com/webhooks/gitlab/1-a"


def found(scope: HookScope = HookScope.PROJECT, **changes: Any) -> dict[str, Any]:
    """A hook as GitLab shows it, with what it adds of its own."""
    return {
        "id": 3,
        **wanted_hook(scope, URL),
        "push_events_branch_filter": None,
        "issues_events": False,
        "token_present": False,
        "signing_token_present": True,
        **changes,
    }


def of(hook: dict[str, Any], scope: HookScope = HookScope.PROJECT, *, is_signed: bool = True) -> list[str]:
    return drift(hook, scope, URL, is_signed=is_signed)


@pytest.mark.parametrize("scope", list(HookScope))
def test_a_hook_as_it_was_made_does_not_differ(scope: HookScope) -> None:
    assert of(found(scope), scope) == []


def test_additional_events_of_a_hook_are_not_drift() -> None:
    assert of(found(issues_events=True, name="somebody's word for it")) == []


def test_each_setting_that_differs_is_named() -> None:
    assert of(found(push_events=False, enable_ssl_verification=False)) == ["enable_ssl_verification", "push_events"]
    assert of(found(url="https://elsewhere.example.com")) == ["url"]
    assert of(found(push_events_branch_filter="main")) == ["push_events_branch_filter"]
    assert of(found(custom_webhook_template="{}")) == ["custom_webhook_template"]


def test_the_secret_that_was_given_must_be_there() -> None:
    assert of(found(signing_token_present=False)) == ["signing_token"]
    assert of(found(), is_signed=False) == ["token"]
    assert of(found(token_present=True), is_signed=False) == []


def test_settings_missing_from_an_older_gitlab_do_not_count_as_drift() -> None:
    old = found()
    for name in ("releases_events", "deployment_events", "token_present", "signing_token_present"):
        del old[name]
    assert of(old, is_signed=False) == []


def test_our_hook_is_found_by_its_number_before_its_address() -> None:
    mine, other = found(id=3, url="https://elsewhere.example.com"), found(id=4)
    assert find_hook([other, mine], URL, 3) is mine
    assert find_hook([mine, other], URL, None) is other
    assert find_hook([mine], URL, None) is None
    assert find_hook([], URL, 3) is None
