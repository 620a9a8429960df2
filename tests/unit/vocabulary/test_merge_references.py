import pytest

from vocabulary.merge_references import number_in


@pytest.mark.parametrize(
    "reference",
    [
        f"gh-readonly-queue/main/pr-7-{'a1' * 20}",
        f"refs/heads/gh-readonly-queue/release/1.x/pr-7-{'a1' * 20}",
        "refs/pull/7/merge",
        "refs/remotes/pull/7/merge",
        "pull/7/head",
        "7/merge",
        "refs/merge-requests/7/train",
        "refs/merge-requests/7/merge",
        "refs/merge-requests/7/head",
    ],
)
def test_a_reference_that_a_forge_made_for_a_pull_request_names_it(reference: str) -> None:
    assert number_in(reference) == 7


@pytest.mark.parametrize(
    "branch",
    ["main", "fix/7", "7", "feature/7/merge", "pr-7", "gh-readonly-queue/main", "refs/pull/0/merge", "7/merge\n", ""],
)
def test_a_branch_named_by_people_has_no_pull_request_number(branch: str) -> None:
    assert number_in(branch) is None
