import pytest

from workers.forge_events.bots import is_bot


@pytest.mark.parametrize(
    ("login", "account_type", "expected"),
    [
        ("dependabot[bot]", "Bot", True),
        ("some-app", "Bot", True),
        ("renovate[bot]", None, True),
        ("Renovate-Bot", "User", True),
        ("project_42_bot_0123abc", None, True),
        ("group_7_bot", None, True),
        ("acme-bot", "User", True),
        ("k8s-ci-robot", "User", True),
        ("facebook-github-bot", None, True),
        ("bot-jenkins", None, True),
        ("pytorchmergebot", "User", True),
        ("app/dependabot", None, True),
        ("service_account_0123456789abcdef", None, True),
        ("service_account_group_7_0123abc", None, True),
        ("service_account_manager", None, False),
        ("octocat", "User", False),
        ("talbot", "User", False),
        ("botond", "User", False),
        ("robotnik", "User", False),
        ("robothobby", "User", False),
        ("abbott", None, False),
        (None, None, None),
    ],
)
def test_bots_are_known_by_type_by_suffix_or_as_known_apps(
    login: str | None, account_type: str | None, expected: bool | None
) -> None:
    assert is_bot(login, account_type) is expected
