"""The GitHub page in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from service.contracts.backfill import BackfillShown
from service.contracts.github_app import GithubAppShown
from service.dashboard.github.page import GithubFacts, Installations, build_github_page

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def app(state: str, **more: Any) -> GithubAppShown:
    reported: dict[str, Any] = {
        "id": "1-a",
        "host": "github.com",
        "app_id": None,
        "install_url": None,
        "failure": None,
        "created_at": NOW,
        "registered_at": None,
        "connections": [],
        **more,
    }
    return GithubAppShown(state=state, **reported)


def backfill(state: str, **more: Any) -> BackfillShown:
    reported: dict[str, Any] = {
        "id": "b",
        "forge": "github",
        "connection": "1-a",
        "since": NOW,
        "dry_run": False,
        "repositories": 3,
        "finished_repositories": 1,
        "expected_pull_requests": 4000,
        "pull_requests": 1234,
        "releases": 0,
        "requests": 9,
        "created_at": NOW,
        "continues_at": None,
        "finished_at": None,
        "failures": {},
        **more,
    }
    return BackfillShown(state=state, **reported)


def test_without_a_backfill_there_is_no_progress() -> None:
    page = build_github_page(GithubFacts())
    assert (page.apps, page.installations, page.backfills, page.is_under_way) == ([], [], [], False)


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (app("started"), "An App on github.com is waiting for you to confirm it on GitHub."),
        (app("waiting"), "An App on github.com is being registered."),
        (
            app("registered", app_id=7, connections=["1-b"]),
            "App 7 on github.com is registered, with 1 installation.",
        ),
        (app("failed", failure="it was late"), "An App on github.com was not registered: it was late."),
    ],
)
def test_an_app_says_how_far_it_is(shown: GithubAppShown, says: str) -> None:
    page = build_github_page(GithubFacts((shown,)))
    assert page.apps[0].text == says
    assert page.is_under_way == (shown.state == "waiting")


def test_installations_say_whether_they_are_heard() -> None:
    reported = (
        Installations("github.com", "active", has_delivered=True, number=1),
        Installations("github.com", "active", has_delivered=False, number=2),
        Installations("github.com", "suspended", has_delivered=True, number=1),
        Installations("github.com", "deleted", has_delivered=True, number=1),
    )
    assert build_github_page(GithubFacts(installations=reported)).installations == [
        "1 installation on github.com: delivering webhooks.",
        "2 installations on github.com: no webhook delivered yet.",
        "1 installation on github.com: suspended on GitHub.",
        "1 installation on github.com: uninstalled; the ledger stays.",
    ]


def test_a_backfill_says_how_much_of_what_is_expected_was_fetched() -> None:
    page = build_github_page(GithubFacts(backfills=(backfill("running"),)))
    [line] = page.backfills
    assert line.text == "Running: 1 of 3 repositories, 1,234 pull requests"
    assert (line.done, line.expected, page.is_under_way) == (1234, 4000, True)


def test_a_failed_backfill_ends_with_its_reason() -> None:
    page = build_github_page(GithubFacts(backfills=(backfill("failed", failures={"RefusedError 403": 2}),)))
    assert page.backfills[0].text.endswith("(2 failed: RefusedError 403)")
    assert not page.is_under_way
