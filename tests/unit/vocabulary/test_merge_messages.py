import pytest

from service.imports.git.forges import guess_forge
from vocabulary.forge import Forge
from vocabulary.merge_messages import MergedNumber, Message, read_numbers


def message(subject: str, body: str = "") -> Message:
    return Message("0" * 40, subject, body)


def read_message(forge: Forge, message: Message) -> MergedNumber | None:
    """Return the first pull request that a commit merged."""
    return next(iter(read_numbers(forge, message)), None)


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
    ("subject", "body", "expected"),
    [
        ("Auto merge of #12 - dev:topic, r=lead", "A page", MergedNumber(12, "topic")),
        ("auto merge of #12 : dev/shop/topic, r=lead", "", MergedNumber(12, "topic")),
        ("Rollup merge of #12 - dev:fix/topic, r=lead", "", MergedNumber(12, "fix/topic")),
        ("Merge #12", "12: A page r=lead a=dev", MergedNumber(12)),
        ("Merge #12: A page", "", MergedNumber(12)),
        ("Merge acme/shop#12: A page", "", MergedNumber(12)),
        ("Merge PR #12: A page", "", MergedNumber(12)),
        ("Merge remote-tracking branch 'origin/pr/12'", "", MergedNumber(12)),
        ("A page (GH-12)", "", MergedNumber(12)),
        ("[3.8] A page (GH-3) (GH-12)", "", MergedNumber(12)),
        ("A page (PR #12)", "", MergedNumber(12)),
        ("A page (acme/shop#12)", "", MergedNumber(12)),
        ("PR #12: A page", "", MergedNumber(12)),
        ("A page", "PR-URL: https://github.com/acme/shop/pull/12\nReviewed-By: CANARY", MergedNumber(12)),
        ("A page", "Pull Request resolved: https://github.com/acme/shop/pull/12", MergedNumber(12)),
        ("A page", "GitHub-Pull-Request: acme/shop#12", MergedNumber(12)),
        ("A page", "Imported from GitHub PR https://github.com/acme/shop/pull/12", MergedNumber(12)),
        ("[X-3] A page", "Closes #12 from dev/topic.", MergedNumber(12, "topic")),
        ("feature #12 A page (dev)", "This PR was merged into the main branch.", MergedNumber(12)),
        ("bug #12 [Form] A page (dev, other)", "This PR was squashed before being merged.", MergedNumber(12)),
        ("Merge pull request #12 from dev:topic", "PiperOrigin-RevId: 1", MergedNumber(12, "topic")),
        ("Merge pull request #12 from dev-topic", "", MergedNumber(12)),
        ("Merge pull request #12: [X-3] A page", "", MergedNumber(12)),
        ("Merge pull request 'A page' (#12) from dev/topic into main", "", MergedNumber(12)),
        ("A page (pull request #12)", "", MergedNumber(12)),
        ("chore: release 1.2.0 (#12) [skip ci]", "", MergedNumber(12)),
        ("[X-3] A page", "Closes #12 from dev/topic and squashes the following commits:\n", MergedNumber(12, "topic")),
        ("A page", "Closes #12.\n\nPiperOrigin-RevId: 1", MergedNumber(12)),
        ("A page", "Closes https://github.com/acme/shop/pull/12\n\nDifferential Revision: D1", MergedNumber(12)),
        (
            "A page",
            "ghstack-source-id: 1\nPull-Request-resolved: https://github.com/acme/shop/pull/12",
            MergedNumber(12),
        ),
    ],
)
def test_merge_bots_and_habits_name_the_pull_request(subject: str, body: str, expected: MergedNumber) -> None:
    assert read_message("github", message(subject, body)) == expected


def test_a_batch_names_each_of_its_pull_requests() -> None:
    assert read_numbers("github", message("Merge #1 #2 #3")) == (MergedNumber(1), MergedNumber(2), MergedNumber(3))


def test_a_trailer_names_the_repository_too() -> None:
    found = read_message("github", message("A page", "PR-URL: https://github.com/Other/shop/pull/12"))
    assert found is not None
    assert (found.place, found.is_trailer) == ("other/shop", True)
    found = read_message("gitlab", message("A page", "Part-of: <https://gitlab.example.org/g/p/-/merge_requests/9>"))
    assert found is not None
    assert (found.number, found.place) == (9, "g/p")


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
        "fix #12 the page (dev)",
        "Merge branch 'fix-12'",
        "Add a page (#123456789012345678901234567890)",
        "Add a page (#12) to the book",
        "Closes #12",
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
        ("A page (group/project!12)", "", MergedNumber(12)),
        ("A page (!12) [skip ci]", "", MergedNumber(12)),
        ("A page", "Merge-request: !12", MergedNumber(12)),
    ],
)
def test_gitlab_names_the_merge_request(subject: str, body: str, expected: MergedNumber) -> None:
    assert read_message("gitlab", message(subject, body)) == expected


def test_closing_something_is_a_merge_only_where_commits_come_from_elsewhere() -> None:
    assert read_message("github", message("A page", "Closes #12.")) is None
    assert read_message("github", message("A page", "Closes https://github.com/acme/shop/pull/12")) is None


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
