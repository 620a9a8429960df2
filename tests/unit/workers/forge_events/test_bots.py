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
        ("octocat", "User", False),
        ("robothobby", "User", False),
        ("abbott", None, False),
        (None, None, None),
    ],
)
def test_bots_are_known_by_type_by_suffix_or_as_known_apps(
    login: str | None, account_type: str | None, expected: bool | None
) -> None:
    assert is_bot(login, account_type) is expected
