"""The pure core over histories drawn as text: one commit a line, `sha: parents | subject`, oldest first."""

from datetime import UTC, datetime, timedelta

from service.imports.git.history import MergedPullRequest, find_pull_requests, find_reverts, read_mainline
from service.imports.git.log import Commit, History, Mainline, Tag
from service.imports.git.releases import find_releases
from vocabulary.merge_messages import Message

START = datetime(2026, 1, 5, tzinfo=UTC)


def history(drawing: str, tips: tuple[str, ...] = ("",), tags: dict[str, str] | None = None) -> History:
    """Commits an hour apart; each tip (by default the last commit) gives a mainline; tags are tagged when made."""
    commits: dict[str, Commit] = {}
    subjects: dict[str, str] = {}
    for hour, line in enumerate(filter(None, map(str.strip, drawing.splitlines()))):
        drawn, _, subject = line.partition("|")
        sha, _, parents = drawn.partition(":")
        at = START + timedelta(hours=hour)
        commits[sha.strip()] = Commit(sha.strip(), tuple(parents.split()), at, at)
        subjects[sha.strip()] = subject.strip()
    newest_first = dict(reversed(commits.items()))
    mainlines = []
    for tip in tips:
        chain = [tip or next(iter(newest_first))]
        while parents := commits[chain[-1]].parents:
            chain.append(parents[0])
        messages = tuple(Message(sha, *_subject_and_body(subjects[sha])) for sha in reversed(chain))
        mainlines.append(Mainline("main", messages))
    found = tuple(Tag(name, sha, commits[sha].committed_at) for name, sha in (tags or {}).items())
    return History(newest_first, tuple(mainlines), found)


def _subject_and_body(text: str) -> tuple[str, str]:
    subject, _, body = text.partition("//")
    return subject.strip(), body.strip()


def summary(pull_requests: list[MergedPullRequest]) -> dict[int, tuple[str, set[str]]]:
    return {
        pull_request.number: (pull_request.merge.sha, {commit.sha for commit in pull_request.commits})
        for pull_request in pull_requests
    }


def shipped(drawn: History, forge: str = "github") -> dict[str, tuple[int, ...]]:
    releases = find_releases(drawn, find_pull_requests(drawn, forge))
    return {release.tag.name: release.pull_requests for release in releases}


MERGED = """
    a:      | begin
    b: a    | work
    c: a    | elsewhere
    d: b    | more work
    m: c d  | Merge pull request #1 from octo-org/feature
"""


def test_a_merged_pull_request_has_the_commits_that_its_merge_brought() -> None:
    (found,) = find_pull_requests(history(MERGED), "github")
    assert (found.number, found.squashed, found.merge.sha) == (1, False, "m")
    assert [commit.sha for commit in found.commits] == ["b", "d"]
    assert found.opened_at == START + timedelta(hours=1)
    assert (found.named.head_branch, found.base_branch) == ("feature", "main")


def test_a_squashed_pull_request_is_its_one_commit() -> None:
    (found,) = find_pull_requests(history("a: | begin\n b: a | Add a page (#2)"), "github")
    assert (found.number, found.squashed, [commit.sha for commit in found.commits]) == (2, True, ["b"])
    assert found.opened_at == found.merge.committed_at


def test_gitlab_merges_and_squashes_are_found_by_their_trailer() -> None:
    drawn = history("""
        a:     | begin
        b: a   | work
        m: a b | Merge branch 'feature' into 'main' // See merge request group/project!3
        s: m   | A page // See merge request group/project!4
        i: s   | Fix an issue (#99)
    """)
    found = find_pull_requests(drawn, "gitlab")
    assert summary(found) == {3: ("m", {"b"}), 4: ("s", {"s"})}
    assert (found[0].named.head_branch, found[0].base_branch) == ("feature", "main")


def test_an_octopus_merge_brings_the_commits_of_all_its_branches() -> None:
    drawn = history("""
        a:       | begin
        b: a     | one
        c: a     | two
        m: a b c | Merge pull request #5 from octo-org/both
    """)
    assert summary(find_pull_requests(drawn, "github")) == {5: ("m", {"b", "c"})}


def test_updating_a_branch_from_the_mainline_does_not_give_it_the_mainlines_commits() -> None:
    drawn = history("""
        a:     | begin
        b: a   | work
        c: a   | on main
        u: b c | Merge branch 'main' into feature
        m: c u | Merge pull request #6 from octo-org/feature
    """)
    assert summary(find_pull_requests(drawn, "github")) == {6: ("m", {"b", "u"})}


def test_a_number_counts_once_and_its_merge_commit_wins_over_a_mention() -> None:
    drawn = history("""
        a:     | begin
        q: a   | Prepare for the page (#7)
        b: q   | work
        m: q b | Merge pull request #7 from octo-org/feature
        r: m   | Mention it again (#7)
    """)
    assert summary(find_pull_requests(drawn, "github")) == {7: ("m", {"b"})}


def test_of_two_squashes_with_one_number_the_earliest_wins() -> None:
    drawn = history("a: | begin\n b: a | A page (#8)\n c: b | A page (#8)")
    assert summary(find_pull_requests(drawn, "github")) == {8: ("b", {"b"})}


def test_a_revert_is_a_pull_request_of_its_own() -> None:
    drawn = history('a: | begin\n b: a | A page (#9)\n c: b | Revert "A page (#9)" (#10)\n d: c | Revert "B (#9)"')
    assert set(summary(find_pull_requests(drawn, "github"))) == {9, 10}


def test_numbers_of_merges_below_the_mainline_belong_to_other_repositories() -> None:
    drawn = history("""
        a:     | begin
        b: a   | work
        c: a   | work of a fork
        f: c b | Merge pull request #1 from upstream/main
        s: f   | A page of the fork (#2)
        m: a s | Merge pull request #11 from fork/main
    """)
    assert summary(find_pull_requests(drawn, "github")) == {11: ("m", {"b", "c", "f", "s"})}


def test_a_second_branch_adds_what_was_merged_into_it() -> None:
    drawn = history(
        """
        a:     | begin
        b: a   | A page (#1)
        d: a   | On the other branch (#2)
        m: b d | Release of the other branch
        e: d   | More on the other branch (#3)
        """,
        tips=("m", "e"),
    )
    assert summary(find_pull_requests(drawn, "github")) == {1: ("b", {"b"}), 2: ("d", {"d"}), 3: ("e", {"e"})}


def test_a_batch_of_a_bot_brings_each_pull_request_its_own_branch() -> None:
    drawn = history("""
        a:       | begin
        b: a     | one
        c: a     | two
        m: a b c | Merge #5 #6
    """)
    assert summary(find_pull_requests(drawn, "github")) == {5: ("m", {"b"}), 6: ("m", {"c"})}


def test_commits_in_a_row_that_name_one_pull_request_in_a_trailer_are_all_its_own() -> None:
    trailer = "PR-URL: https://github.com/acme/shop/pull/4"
    drawn = history(f"a: | begin\n b: a | One // {trailer}\n c: b | Two // {trailer}\n d: c | Three (#5)")
    assert summary(find_pull_requests(drawn, "github", "acme/shop")) == {4: ("c", {"b", "c"}), 5: ("d", {"d"})}


def test_a_trailer_of_another_project_names_no_pull_request_here() -> None:
    drawn = history("""
        a:   | begin
        b: a | One // PR-URL: https://github.com/acme/shop/pull/4
        c: b | Taken over // PR-URL: https://github.com/other/shop/pull/900
        d: c | Two // PR-URL: https://github.com/acme/shop/pull/5
    """)
    assert set(summary(find_pull_requests(drawn, "github", "acme/shop"))) == {4, 5}
    reading = read_mainline(drawn.mainlines[0], "github", "acme/shop")
    assert (reading.commits, reading.unnamed, dict(reading.elsewhere)) == (4, 1, {"other/shop": 1})


def test_numbers_from_before_a_fork_are_left_out() -> None:
    numbers = (2, 3, 4, 38, 40, 1, 2, 3, 4, 5)
    lines = "".join(f"c{at}: c{at - 1} | Work (#{number})\n" for at, number in enumerate(numbers, 1))
    drawn = history(f"c0: | begin\n{lines}")
    expected = {number: (f"c{at}", {f"c{at}"}) for at, number in enumerate(numbers[5:], 6)}
    assert summary(find_pull_requests(drawn, "github", "acme/engine")) == expected
    assert read_mainline(drawn.mainlines[0], "github", "acme/engine").earlier == 5


def test_opening_never_comes_after_the_merge() -> None:
    late = Commit("b", ("a",), START + timedelta(days=9), START)
    merge = Commit("m", ("a", "b"), START, START + timedelta(hours=1))
    root = Commit("a", (), START, START)
    mainline = Mainline("main", (Message("a", "", ""), Message("m", "Merge pull request #1 from o/b", "")))
    (found,) = find_pull_requests(History({"m": merge, "b": late, "a": root}, (mainline,), ()), "github")
    assert found.opened_at == START + timedelta(hours=1)


def test_nothing_is_found_where_nothing_was_merged() -> None:
    drawn = history("a: | begin\n b: a | work")
    assert find_pull_requests(drawn, "github") == []
    assert shipped(drawn) == {}


LINE = "a: | begin\n b: a | One (#1)\n c: b | Two (#2)\n d: c | Three (#3)"


def test_a_release_ships_what_no_earlier_one_shipped() -> None:
    assert shipped(history(LINE, tags={"v2": "d", "v1": "b"})) == {"v1": (1,), "v2": (2, 3)}


def test_what_came_after_the_last_release_has_not_shipped() -> None:
    assert shipped(history(LINE, tags={"v1": "c"})) == {"v1": (1, 2)}


def test_a_tag_made_late_on_an_old_commit_still_comes_first() -> None:
    drawn = history(LINE, tags={"v2": "d"})
    late = Tag("v1", "b", START + timedelta(days=99))
    assert shipped(History(drawn.commits, drawn.mainlines, (*drawn.tags, late))) == {"v1": (1,), "v2": (2, 3)}


def test_of_tags_on_one_commit_the_exact_one_ships() -> None:
    assert shipped(history(LINE, tags={"v1": "d", "v1.2.3": "d"})) == {"v1.2.3": (1, 2, 3), "v1": ()}


MAINTENANCE = """
    a:     | begin
    b: a   | One (#1)
    x: a   | Fix on the old line
    y: x b | Merge branch 'main' into 1.x
    c: b   | Two (#2)
"""


def test_a_maintenance_release_ships_what_it_held_before_the_mainlines_release() -> None:
    drawn = history(MAINTENANCE, tips=("c",), tags={"v1.1": "y", "v2.0": "c"})
    assert shipped(drawn) == {"v1.1": (1,), "v2.0": (2,)}


def test_where_releases_are_tagged_on_a_branch_of_their_own_they_ship_what_they_contain() -> None:
    drawn = history(
        """
        a:     | begin
        b: a   | One (#1)
        r: a b | Release 1
        c: b   | Two (#2)
        s: r c | Release 2
        """,
        tips=("c",),
        tags={"v1": "r", "v2": "s"},
    )
    assert shipped(drawn) == {"v1": (1,), "v2": (2,)}


def test_packages_of_one_repository_each_count_from_their_own_release() -> None:
    tags = {"a@1.0.0": "b", "@scope/b@1.0.0": "c", "a@1.1.0": "d", "b/v1.0.0": "d", "latest": "d"}
    assert shipped(history(LINE, tags=tags)) == {
        "a@1.0.0": (1,),
        "@scope/b@1.0.0": (1, 2),
        "a@1.1.0": (2, 3),
        "b/v1.0.0": (1, 2, 3),
        "latest": (),
    }


def test_a_prerelease_ships_first_and_its_release_the_rest() -> None:
    assert shipped(history(LINE, tags={"v1.0-rc.1": "c", "v1.0": "d"})) == {"v1.0-rc.1": (1, 2), "v1.0": (3,)}


def test_reverts_are_found_by_number_by_commit_and_by_branch() -> None:
    full = "c" * 40
    drawn = history(f"""
        a:         | begin
        {full}: a  | One (#1)
        c: {full}  | Two (#2)
        d: c       | Revert "Two (#2)" (#3)
        e: d       | Take one back (#4) // This reverts commit {full}.
        f: e       | work
        m: e f     | Merge pull request #5 from octo-org/revert-4-back // Revert "Take one back"
        g: m       | Take another back (#6) // Reverts octo-org/other#1
        h: g       | Again (#7) // Reverts octo-org/octo-repo#3
    """)
    found = find_pull_requests(drawn, "github")
    assert find_reverts(found, "octo-org/octo-repo") == {3: [2], 4: [1], 5: [4], 7: [3]}


def test_reverts_are_found_by_the_first_digits_of_a_commit_and_by_title() -> None:
    full, other = "abcdef1" + "0" * 33, "abcdef1" + "1" * 33
    drawn = history(f"""
        a:              | begin
        {full}: a       | One (#1)
        {other}: {full} | Two (#2)
        c: {other}      | Take it back (#3) // This reverts commit abcdef10 (One, 2026-01-05).
        d: c            | Take one of them back (#4) // This reverts commit abcdef1.
        e: d            | Revert "Two" (#5)
        f: e            | revert: One (#6)
    """)
    assert find_reverts(find_pull_requests(drawn, "github"), "octo-org/octo-repo") == {3: [1], 5: [2], 6: [1]}
