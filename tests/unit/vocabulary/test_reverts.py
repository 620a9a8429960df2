"""What titles, bodies and messages say they take back, each form named by who writes it."""

import time

import pytest

from vocabulary.reverts import MOST, NOTHING, Named, Reverted, digest_title, read_message, read_pull_request

SHA, OTHER = "ab" * 20, "cd" * 32


def test_githubs_button_names_the_repository_and_the_number() -> None:
    reported = read_pull_request('Revert "Add a page"', "Reverts octo-org/octo-repo#123", "revert-123-page")
    assert reported == Reverted((Named(123, "octo-org/octo-repo"),))


@pytest.mark.parametrize(
    "body",
    [
        "Reverts #123",
        "It broke the build.\n\nReverts #123.",
        "- reverts #123 since it broke",
        "This reverts pull request #123",
        "Reverts #123\r\n",
    ],
)
def test_a_number_alone_is_of_the_same_repository(body: str) -> None:
    assert read_pull_request("Take the page back", body) == Reverted((Named(123),))


def test_an_address_names_the_repository_too() -> None:
    body = "Reverts https://github.com/Octo-Org/octo-repo/pull/123"
    assert read_pull_request("Back", body) == Reverted((Named(123, "octo-org/octo-repo"),))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("Reverts #1, #2 and #3", (Named(1), Named(2), Named(3))),
        ("This reverts acme/shop#1 and acme/shop#2.", (Named(1, "acme/shop"), Named(2, "acme/shop"))),
        ("This reverts merge requests !9 and !8", (Named(9), Named(8))),
        ("It broke.\n\nThis PR reverts #9", (Named(9),)),
        ("This commit reverts GH-9", (Named(9),)),
        ("Reverts PR 9", (Named(9),)),
        ("Reverts https://gitlab.com/g/p/-/merge_requests/9", (Named(9, "g/p"),)),
    ],
)
def test_numbers_may_be_listed(body: str, named: tuple[Named, ...]) -> None:
    assert read_pull_request("Take it back", body) == Reverted(named)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("This reverts merge request !21", None),
        ("This reverts merge request Group/sub/project!21", "group/sub/project"),
    ],
)
def test_gitlabs_button_names_the_merge_request(body: str, place: str | None) -> None:
    assert read_pull_request("Revert \"Merge branch 'a' into 'main'\"", body) == Reverted((Named(21, place),))


def test_gits_revert_names_the_commit() -> None:
    assert read_message(f'Revert "Add a page"\n\nThis reverts commit {SHA}.\n') == Reverted(commits=(SHA,))
    assert read_message(f"Back\n\nThis reverts commit {OTHER.upper()}.") == Reverted(commits=(OTHER,))


@pytest.mark.parametrize(
    ("body", "commits"),
    [
        ("This reverts commit abc1234.", ("abc1234",)),
        ("This reverts commit abc1234 (Add a page, 2026-11-22).", ("abc1234",)),
        ("This reverts commit ABC123456", ("abc123456",)),
        ("This reverts commits abc1234, def5678 and 0123456.", ("abc1234", "def5678", "0123456")),
        ("This reverts commits:\n- abc1234\n- def5678", ("abc1234", "def5678")),
        ("This reverts commit abc1234 (Add a page, 2026-11-22)\nand commit def5678.", ("abc1234", "def5678")),
        ("This reverts commit `abc1234`.", ("abc1234",)),
        ("This reverts commit [abc1234](https://github.com/acme/shop/commit/abc1234).", ("abc1234",)),
        (f"This reverts commit https://github.com/acme/shop/commit/{SHA}", (SHA,)),
        ("Reverts commit abc1234.", ("abc1234",)),
        ("Reverts abc1234.", ("abc1234",)),
        ("This backs out commit abc1234.", ("abc1234",)),
    ],
)
def test_a_commit_may_be_named_by_its_first_digits(body: str, commits: tuple[str, ...]) -> None:
    assert read_message(f"Take it back\n\n{body}\n") == Reverted(commits=commits)


def test_a_conventional_revert_names_its_commits_in_a_footer() -> None:
    message = "revert: let us never speak of it again\n\nRefs: 676104e, a215868\n"
    assert read_message(message) == Reverted(commits=("676104e", "a215868"))
    assert read_message("Speak of it\n\nRefs: 676104e") == NOTHING


@pytest.mark.parametrize(
    "title",
    [
        'fix: revert "Zoom (#9)" (#10)',
        'fix(view)!: Revert "Zoom (#9)"',
        "Revert #9: Zoom (#10)",
        "Revert #9",
        "Revert PR #9 (#10)",
        "Reverts pull request #9",
        "Revert (#9)",
        "Revert !9",
        "revert!: Zoom (#9) (#10)",
        "revert(view): Zoom (#9) (#10)",
        "chore(revert): Zoom (#9) (#10)",
        "[Revert] Zoom (#9) (#10)",
        "(revert) Zoom (#9)",
        '[release/1.2] Revert "Zoom (#9)" (#10)',
        ':rewind: Revert "Zoom (#9)"',
        'Back out "Zoom (#9)"',
        'Rollback "Zoom (#9)" (#10)',
        "fix: revert #9",
        "Revert 'Zoom (#9)'",
        "Revert \u2018Zoom (#9)\u2019 (#10)",
        "Revert `Zoom (#9)`",
        'Revert "Zoom" (#9) (#10)',
        "Revert Zoom (#9) (#10)",
        "fix: revert Zoom (#9) (#10)",
        'Revert "Zoom (#9)" [skip ci]',
        'Revert "Zoom (#9) [skip ci]" (#10)',
        'Revert "Zoom (GH-9)"',
        "Revert PR 9",
        "Revert GH-9",
        "Revert [#9] Zoom",
        "Reverting #9",
        "Undo #9",
        '\N{BLACK LEFT-POINTING DOUBLE TRIANGLE} Revert "Zoom (#9)"',
        "\N{BLACK LEFT-POINTING DOUBLE TRIANGLE} revert: Zoom (#9) (#10)",
    ],
)
def test_titles_that_people_and_tools_write_name_the_number(title: str) -> None:
    assert read_message(title) == Reverted((Named(9),))


def test_a_reverted_merge_names_the_merge_and_not_what_it_changed() -> None:
    message = f'Revert "Merge pull request #1"\n\nThis reverts commit {SHA}, reversing\nchanges made to {"ef" * 20}.'
    assert read_message(message) == Reverted(commits=(SHA,))


def test_several_at_once() -> None:
    reported = read_pull_request("Roll back", f"Reverts #1\nReverts #2\nReverts #1\nThis reverts commit {SHA}.")
    assert reported == Reverted((Named(1), Named(2)), (SHA,))


def test_the_branch_of_githubs_revert_button_gives_the_number_if_the_body_was_rewritten() -> None:
    assert read_pull_request('Revert "Add a page"', "It broke.", "revert-123-page") == Reverted((Named(123),))
    assert read_pull_request("Back", None, "revert-123") == NOTHING


def test_the_number_at_the_end_of_a_reverted_title_is_read() -> None:
    assert read_message('Revert "Add a page (#9)" (#10)') == Reverted((Named(9),))
    assert read_message('Revert "Add a page (!9)"') == Reverted((Named(9),))


@pytest.mark.parametrize(
    "title", ['Revert "Add a page"', 'revert: "Add a page"', "revert: Add a page", 'Reverted "Add a page" (#10)']
)
def test_a_title_alone_is_kept_to_be_matched(title: str) -> None:
    assert read_pull_request(title, "It broke.") == Reverted(title=digest_title("Add a page"))


def test_a_revert_of_a_revert_means_the_revert() -> None:
    assert read_message('Revert "Revert "Add a page""') == Reverted(title=digest_title('Revert "Add a page"'))
    assert read_message('Reapply "Add a page"') == Reverted(title=digest_title('Revert "Add a page"'))


@pytest.mark.parametrize(
    "text",
    [
        "Add a page",
        "Reverts the colour",
        "Revert the colour",
        "This reverts commit abc123.",
        "Revert the colour of #12",
        "This partially reverts commit abc1234.",
        "See #12",
        "reverts commit " + SHA,
        "Discuss Reverts #12",
        "> This reverts #12",
        f"  > This reverts commit {SHA}.",
        "Reverts defaced pages",
        "Revert 20261122 sales",
        "Revert the colour (#12)",
        "",
    ],
)
def test_other_words_take_nothing_back(text: str) -> None:
    assert read_pull_request(text, text) == NOTHING
    assert read_message(text) == NOTHING
    assert read_pull_request(None, None) == NOTHING


@pytest.mark.parametrize(
    "text", [":a" * 30_000, "!" * 60_000, "\n" * 60_000, "Revert " * 9_000, "This reverts #1, " * 4_000]
)
def test_a_text_that_repeats_itself_is_read_at_once(text: str) -> None:
    began = time.process_time()
    read_pull_request(text[:1_000], text)
    read_message(text)
    assert time.process_time() - began < 1


def test_only_a_digest_of_a_title_is_kept() -> None:
    assert digest_title(" Add  a page ") == digest_title("Add a page") != digest_title("Add a cage")
    assert digest_title("  ") is digest_title(None) is None
    assert b"page" not in (digest_title("Add a page") or b"")


def test_a_body_without_end_is_cut_short() -> None:
    reported = read_pull_request("Back", "\n".join(f"Reverts #{number}" for number in range(1, 10 * MOST)))
    assert len(reported.named) == MOST
