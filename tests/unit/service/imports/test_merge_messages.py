import pytest

from service.imports.git_log import Message
from service.imports.merge_messages import MergedNumber, guess_forge, read_message


def message(subject: str, body: str = "") -> Message:
    return Message("0" * 40, subject, body)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Merge pull request #12 from octo-org/feature/log-in", MergedNumber(12, "feature/log-in")),
        ("Add a log-in page (#12)", MergedNumber(12)),
        ("Add a log-in page (#12)  ", MergedNumber(12)),
        ("Backport a log-in page (#12) (#34)", MergedNumber(34)),
        ('Revert "Add a log-in page (#12)" (#35)', MergedNumber(35)),
    ],
)
def test_github_names_the_pull_request(subject: str, expected: MergedNumber) -> None:
    assert read_message("github", message(subject)) == expected


@pytest.mark.parametrize(
    "subject",
    [
        'Revert "Add a log-in page (#12)"',
        "Fix #12: the log-in page",
        "See (#12) for why",
        "Merge branch 'main' into feature",
        "Merge pull request #12",
        "I did Merge pull request #12 from octo-org/feature",
        "Add a page (#)",
        "Add a page (#0)",
        "Add a page (#123456789012345678901234567890)",
    ],
)
def test_a_message_that_only_mentions_a_number_names_no_pull_request(subject: str) -> None:
    assert read_message("github", message(subject)) is None


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        (
            "Merge branch 'feature/log-in' into 'main'",
            "A page\n\nSee merge request group/sub/project!7\n",
            MergedNumber(7, "feature/log-in", "main"),
        ),
        ("A page", "Squashed\n\nSee merge request group/project!8", MergedNumber(8)),
        ("A page", "See merge request https://gitlab.example.org/g/p/-/merge_requests/9", MergedNumber(9)),
        ("A page", "See merge request !10", MergedNumber(10)),
        ("A page", "Quotes an older one:\nSee merge request g/p!1\n\nSee merge request g/p!11", MergedNumber(11)),
        ("A page (!12)", "", MergedNumber(12)),
    ],
)
def test_gitlab_names_the_merge_request(subject: str, body: str, expected: MergedNumber) -> None:
    assert read_message("gitlab", message(subject, body)) == expected


def test_on_gitlab_a_number_with_a_hash_is_an_issue() -> None:
    assert read_message("gitlab", message("A page (#12)")) is None


def test_on_github_a_number_with_an_exclamation_mark_is_nothing() -> None:
    assert read_message("github", message("A page (!12)", "See merge request g/p!12")) is None


def test_the_forge_is_the_one_whose_messages_are_the_more_frequent() -> None:
    gitlab = [message("Merge branch 'a' into 'main'", f"See merge request g/p!{number}") for number in (1, 2)]
    github = [message("Merge pull request #1 from octo-org/a")]
    assert guess_forge([*gitlab, *github]) == "gitlab"
    assert guess_forge([*github, *github, *github, *gitlab]) == "github"
    assert guess_forge([]) == "github"
