import json
from datetime import timedelta
from pathlib import Path

import pytest

from service.imports.stores import codex
from service.imports.stores.problems import Problems
from service.imports.stores.stored_request import StoredMark, StoredRequest, each_once
from tests.harness.stores.codex_rollouts import ONE, ScriptedRollout
from vocabulary.tokens import TokenCounts, sum_tokens

TOKENS = TokenCounts(300, 600, 100, 50, 30)
PARENT, CHILD, GRANDCHILD = "019a-parent", "019b-child", "019c-grandchild"


def read(root: Path, *changed: Path) -> list[StoredRequest]:
    files = [file.path for file in codex.find(root)]
    found = codex.read(list(changed) or files, files, Problems())
    return list(each_once(each for each in found if isinstance(each, StoredRequest)))


def marks(root: Path) -> list[tuple[str, str | None, str | None, str | None]]:
    files = [file.path for file in codex.find(root)]
    found = [each.mark for each in codex.read(files, files, Problems()) if isinstance(each, StoredMark)]
    assert "CANARY" not in repr([(mark.branch, mark.commit, mark.repository) for mark in found])
    return [(mark.session, mark.event, mark.branch, mark.commit) for mark in found]


def times(number: int) -> TokenCounts:
    return sum_tokens([TOKENS] * number)


def total(requests: list[StoredRequest]) -> TokenCounts:
    return sum_tokens(request.tokens for request in requests)


def test_a_request_has_model_session_time_and_disjoint_tokens(tmp_path: Path) -> None:
    git = {"repository_url": "git@github.com:octo-org/octo-repo.git", "branch": "feature", "commit_hash": "0" * 40}
    rollout = ScriptedRollout(PARENT).begin(git=git).request().request()
    rollout.write(tmp_path)

    first, second = read(tmp_path)

    assert first.tokens == second.tokens == TOKENS
    assert (first.model, first.session, first.occurred_at) == ("gpt-5.2-codex", PARENT, rollout.at - timedelta(0, 20))
    assert first.repository == second.repository == "github.com/octo-org/octo-repo"
    assert (first.branch, second.branch) == (None, None)
    assert marks(tmp_path) == [(PARENT, "start", "feature", None)]


def test_git_says_where_the_session_went(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin(git={"branch": "main"}).request()
    rollout.run("git checkout -b feature", "Switched to a new branch 'feature'").request()
    rollout.run("git commit -am 'CANARY'", "[feature 1a2b3c4] CANARY message").write(tmp_path)

    assert marks(tmp_path) == [
        (PARENT, "start", "main", None),
        (PARENT, "checkout", "feature", None),
        (PARENT, "commit", "feature", "1a2b3c4"),
    ]


def test_a_fork_did_not_do_what_its_parent_did(tmp_path: Path) -> None:
    parent = ScriptedRollout(PARENT).begin().run("git commit -m one", "[one 1a2b3c4] CANARY").request()
    child = parent.fork(CHILD).request().run("git commit -m two", "[two 5d6e7f8] CANARY")
    child.write(tmp_path)

    assert marks(tmp_path) == [(CHILD, "commit", "two", "5d6e7f8")]


def test_nothing_that_people_wrote_is_read(tmp_path: Path) -> None:
    ScriptedRollout(PARENT).begin().request().write(tmp_path)

    assert "CANARY" not in repr([(each.key, each.model, each.branch, each.repository) for each in read(tmp_path)])


def test_counts_that_repeat_a_total_are_no_requests(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin().request()
    rollout.count(ONE).count(ONE)
    rollout.request().write(tmp_path)

    assert total(read(tmp_path)) == times(2)


def test_a_compaction_adds_nothing_of_its_own(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin().request().request()
    rollout.line("compacted", {"message": "CANARY summary"})
    rollout.count((0, 0, 0, 0, 0))
    rollout.request().write(tmp_path)

    assert total(read(tmp_path)) == times(3)


def test_a_total_that_begins_anew_counts_from_there(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin().request().request()
    rollout.total = (0, 0, 0, 0, 0)
    rollout.count((0, 0, 0, 0, 0))
    rollout.request().request().request().write(tmp_path)

    assert total(read(tmp_path)) == times(5)


def test_totals_without_a_last_usage_count_by_what_they_grew(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin()
    for number in (1, 2, 2, 3):
        rollout.at += timedelta(minutes=1)
        rollout.count(None, tuple(each * number for each in ONE))
    rollout.write(tmp_path)

    assert total(read(tmp_path)) == times(3)


@pytest.mark.parametrize("restamped", [True, False])
@pytest.mark.parametrize("ordinals", [True, False])
def test_a_fork_counts_only_its_own_requests(tmp_path: Path, restamped: bool, ordinals: bool) -> None:
    parent = ScriptedRollout(PARENT).begin().request().request().request()
    child = parent.fork(CHILD, restamped=restamped, ordinals=ordinals).request()
    grandchild = child.fork(GRANDCHILD, restamped=restamped, ordinals=ordinals).request().request()
    parent.request()
    for rollout in (parent, child, grandchild):
        rollout.write(tmp_path)

    requests = read(tmp_path)

    assert total(requests) == times(4 + 1 + 2)
    assert [each.session for each in requests].count(CHILD) == 1
    assert [each.session for each in requests].count(GRANDCHILD) == 2


@pytest.mark.parametrize("restamped", [True, False])
def test_a_fork_whose_parent_is_gone_counts_only_its_own_requests(tmp_path: Path, restamped: bool) -> None:
    parent = ScriptedRollout(PARENT).begin().request().request().request()
    parent.fork(CHILD, restamped=restamped).request().request().write(tmp_path)

    assert total(read(tmp_path)) == times(2)


def test_a_sub_agent_names_its_parent_elsewhere_and_counts_only_its_own_requests(tmp_path: Path) -> None:
    parent = ScriptedRollout(PARENT).begin().request((9_000, 0, 0, 10, 0)).request()
    source = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}}
    parent.fork(CHILD, restamped=False, forked_from_id=None, source=source).request().write(tmp_path)
    parent.write(tmp_path)

    assert total(read(tmp_path)) == times(2).plus(TokenCounts(9_000, 0, 0, 10, 0))


def test_a_sub_agent_without_a_copy_of_the_history_counts_whole(tmp_path: Path) -> None:
    parent = ScriptedRollout(PARENT).begin().request().request((2_000, 0, 0, 40, 0))
    child = ScriptedRollout(CHILD, parent.at).begin(parent_thread_id=PARENT, source={"subagent": "review"})
    child.request((500, 0, 0, 20, 0), seconds=3).request()
    parent.write(tmp_path)
    child.write(tmp_path)

    assert [each.tokens.total for each in read(tmp_path) if each.session == CHILD] == [520, 1_080]


def test_a_changed_fork_is_compared_with_its_unchanged_parent(tmp_path: Path) -> None:
    parent = ScriptedRollout(PARENT).begin().request().request()
    parent.write(tmp_path, archived=True)
    child = parent.fork(CHILD).request().write(tmp_path)

    assert total(read(tmp_path, child)) == times(1)


def test_an_archived_copy_counts_once(tmp_path: Path) -> None:
    rollout = ScriptedRollout(PARENT).begin().request()
    rollout.write(tmp_path, archived=True)
    rollout.request().write(tmp_path)

    assert total(read(tmp_path)) == times(2)


def test_event_ids_are_the_same_each_time_and_in_any_order(tmp_path: Path) -> None:
    parent = ScriptedRollout(PARENT).begin().request()
    first, second = parent.write(tmp_path), parent.fork(CHILD).request().write(tmp_path)

    assert {each.event_id for each in read(tmp_path, first, second)} == {
        each.event_id for each in read(tmp_path, second, first)
    }


def test_a_broken_line_is_named_and_the_others_count(tmp_path: Path) -> None:
    path = ScriptedRollout(PARENT).begin().request().write(tmp_path)
    whole = json.dumps({"type": "event_msg", "payload": {"type": "token_count"}}, separators=(",", ":"))
    path.write_text(path.read_text() + whole[:-1] + "\n")
    problems = Problems()

    requests = [each for each in codex.read([path], [path], problems) if isinstance(each, StoredRequest)]

    assert total(requests) == times(1)
    assert problems.places == [f"{path.name}:5: an incomplete or broken record"]


def test_homes_can_be_listed_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ScriptedRollout(PARENT).begin().request().write(tmp_path / "one")
    ScriptedRollout(CHILD).begin().request().write(tmp_path / "two", archived=True)
    monkeypatch.setenv("CODEX_HOME", f"{tmp_path / 'one'}, {tmp_path / 'two'}")

    assert len(codex.find(None)) == 2
