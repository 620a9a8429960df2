import json
import shutil
from pathlib import Path

import pytest

from service.imports.transcripts import shared_work
from service.imports.transcripts.claude_code import Problem, Reason, Skipped
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.folders import find_files
from service.imports.transcripts.reader import Answers
from tests.harness.repository import ScriptedRepository
from tests.unit.service.imports.transcripts.test_claude_code import line


def output(tokens: int) -> dict[str, dict[str, int]]:
    return {"usage": {"input_tokens": 10, "output_tokens": tokens}}


def read(folder: Path) -> Answers:
    answers = Answers()
    answers.read(paths(folder), lambda _: None)
    return answers


def paths(folder: Path) -> list[Path]:
    return [file.path for file in find_files([folder])]


def problems(answers: Answers) -> list[tuple[str, int, Problem]]:
    return [(each.file.name, each.line, each.problem) for each in answers.found.problems]


def test_a_message_that_grew_while_it_streamed_counts_once_with_its_last_counts(tmp_path: Path) -> None:
    grown = [line(output(1)), line(output(7)), line(output(42)), line({"id": "msg_2", **output(5)})]
    (tmp_path / "session.jsonl").write_bytes(b"".join(grown))
    with read(tmp_path) as answers:
        assert [answer.tokens.output_visible for answer in answers] == [42, 5]
        assert len(answers) == 2
        assert answers.found.answers == 4


@pytest.mark.parametrize("names", [("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")])
def test_a_message_copied_into_another_file_counts_once_whichever_is_read_first(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    (tmp_path / names[0]).write_bytes(line(output(42)))
    (tmp_path / names[1]).write_bytes(line(output(7), sessionId="resumed"))
    with read(tmp_path) as answers:
        assert [answer.tokens.output_visible for answer in answers] == [42]


def test_half_a_line_is_reported_and_its_neighbours_count(tmp_path: Path) -> None:
    (tmp_path / "project" / "session").mkdir(parents=True)
    lines = [line(), line({"id": "msg_2"})[:100] + b"\n", line({"id": "msg_3"}), line({"id": "msg_4"})[:150]]
    (tmp_path / "project" / "session" / "agent.jsonl").write_bytes(b"".join(lines))
    with read(tmp_path) as answers:
        assert len(answers) == 2
        assert problems(answers) == [
            ("agent.jsonl", 2, Problem(Reason.INCOMPLETE)),
            ("agent.jsonl", 4, Problem(Reason.INCOMPLETE)),
        ]


def test_every_byte_advances_the_bar(tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(line() + b"\n" + line()[:30])
    steps: list[int] = []
    with Answers() as answers:
        answers.read(paths(tmp_path), steps.append)
    assert steps == [(tmp_path / "session.jsonl").stat().st_size]


def test_a_file_that_goes_away_is_counted_and_the_rest_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(line({"id": name}))
    files = paths(tmp_path)
    files[0].unlink()
    with Answers() as answers:
        answers.read(files, lambda _: None)
        assert (answers.found.files, answers.found.unreadable_files, len(answers)) == (1, 1, 1)
        assert problems(answers) == [("a.jsonl", 0, Problem(Reason.UNREADABLE))]


def test_a_record_is_the_unit_not_a_line(tmp_path: Path) -> None:
    whole = [line({"id": f"msg_{number}", **output(number)}).strip() for number in range(1, 8)]
    pretty = json.dumps(json.loads(whole[6]), indent=2).encode()
    damaged = [
        b'{"type":"user","uuid":"u1","sessionId":"s","m' + whole[0],
        whole[1] + whole[2],
        b"\0" * 4096 + whole[3],
        b"\xef\xbb\xbf" + whole[4],
        whole[5][:300] + whole[5],
        pretty,
    ]
    (tmp_path / "session.jsonl").write_bytes(b"\n".join(damaged))
    with read(tmp_path) as answers:
        assert sorted(answer.tokens.output_visible for answer in answers) == [1, 2, 3, 4, 5, 6, 7]
        assert problems(answers) == [
            ("session.jsonl", 1, Problem(Reason.INCOMPLETE)),
            ("session.jsonl", 5, Problem(Reason.INCOMPLETE)),
        ]


def test_what_is_left_out_is_named_by_file_line_and_reason(tmp_path: Path) -> None:
    lines = [line(), line(timestamp=None), line({"usage": {"input_tokens": -1, "output_tokens": 4}}), line()[:-20]]
    (tmp_path / "session.jsonl").write_bytes(b"\r\n".join(each.strip() for each in lines))
    with read(tmp_path) as answers:
        assert problems(answers) == [
            ("session.jsonl", 2, Problem(Reason.TIME, 956)),
            ("session.jsonl", 3, Problem(Reason.COUNT)),
            ("session.jsonl", 4, Problem(Reason.INCOMPLETE, 956)),
        ]


def test_a_transcript_in_utf_16_is_read(tmp_path: Path) -> None:
    text = (line({"id": "msg_1"}) + b"half\n" + line({"id": "msg_2"})).decode()
    (tmp_path / "session.jsonl").write_bytes(text.encode("utf-16"))
    with read(tmp_path) as answers:
        assert len(answers) == 2
        assert problems(answers) == [("session.jsonl", 2, Problem(Reason.INCOMPLETE))]


def test_a_made_up_message_is_counted_as_such(tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(line({"model": "<synthetic>"}) + line())
    with read(tmp_path) as answers:
        assert (len(answers), answers.found.skipped[Skipped.MADE_UP]) == (1, 1)


def progress(identity: str) -> bytes:
    return json.dumps({"type": "progress", "data": {"message": json.loads(line({"id": identity}))}}).encode() + b"\n"


def test_sub_agents_that_stand_only_in_progress_records_are_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(line() + progress("msg_2") * 2 + progress("msg_3"))
    (tmp_path / "agent.jsonl").write_bytes(line({"id": "msg_3"}))
    with read(tmp_path) as answers:
        assert len(answers) == 2
        assert (answers.found.only_in_progress, answers.found.only_in_progress_tokens) == (1, 956)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        lines = [line({"id": f"msg_{number}_{each}", **output(each)}) for each in range(20)]
        shared = line({"id": "msg_shared", **output(number % 4)})
        (tmp_path / f"{number}.jsonl").write_bytes(b"".join([*lines, shared, progress(f"msg_p{number}"), b"half\n"]))
    with read(tmp_path) as answers:
        alone = list(answers), answers.found
    monkeypatch.setattr(shared_work, "SHARED_BYTES", 1)
    monkeypatch.setattr(shared_work.threading, "active_count", lambda: 1)
    steps: list[int] = []
    with Answers() as answers:
        answers.read(paths(tmp_path), steps.append)
        assert (list(answers), answers.found) == alone
    assert sum(steps) == sum(path.stat().st_size for path in tmp_path.iterdir())


def link(
    number: int, session: str = "s", at: str = "2026-01-05T09:00:01Z", repository: str = "octo-org/octo-repo"
) -> bytes:
    record = {"type": "pr-link", "sessionId": session, "prNumber": number, "timestamp": at}
    address = {"prUrl": f"https://github.com/{repository}/pull/{number}", "prRepository": repository}
    return json.dumps({**record, **address}).encode() + b"\n"


def said(identity: str, command: str | None = None) -> bytes:
    content = [{"type": "tool_use", "name": "Bash", "input": {"command": command}}] if command else []
    return line({"id": identity, "content": content}, sessionId="s")


def linked(folder: Path, *lines: bytes) -> list[tuple[str | None, int | None]]:
    (folder / "session.jsonl").write_bytes(b"".join(lines))
    with read(folder) as answers:
        return [(answer.repository, answer.number) for answer in answers]


REPOSITORY = "github.com/octo-org/octo-repo"


def test_the_only_pull_request_of_a_session_is_its_work(tmp_path: Path) -> None:
    assert linked(tmp_path, said("1"), said("2"), link(7), said("3"), link(7, at="2026-01-06T09:00:00Z")) == [
        (None, None),
        (REPOSITORY, 7),
        (None, None),
    ]


def test_a_pull_request_opened_by_a_session_is_distinguished_from_mentioned_ones(tmp_path: Path) -> None:
    lines = [said("1", "gh pr list"), link(3), link(4), said("2", "git push && gh pr create --fill"), link(7)]
    assert linked(tmp_path, *lines, said("3"), said("4"), said("5"), said("6"), link(9)) == [
        (None, None),
        (REPOSITORY, 7),
        *[(None, None)] * 4,
    ]


def test_several_pull_requests_that_a_session_only_mentions_link_nothing(tmp_path: Path) -> None:
    assert linked(tmp_path, said("1", "gh pr list"), link(3), link(4)) == [(None, None)]


def test_a_pull_request_named_before_any_response_belongs_to_the_first(tmp_path: Path) -> None:
    assert linked(tmp_path, link(3), said("1"), said("2")) == [(REPOSITORY, 3), (None, None)]


def test_a_merge_request_on_another_host_keeps_its_host(tmp_path: Path) -> None:
    record = {"type": "pr-link", "sessionId": "s", "prNumber": 5, "prRepository": "group/sub/project"}
    address = {"prUrl": "https://gitlab.example.org/group/sub/project/-/merge_requests/5"}
    raw = json.dumps({**record, **address}).encode() + b"\n"
    assert linked(tmp_path, said("1"), raw) == [("gitlab.example.org/group/sub/project", 5)]


def test_worktrees_and_subfolders_have_the_repository_of_their_folder(tmp_path: Path) -> None:
    clone = ScriptedRepository(tmp_path / "clone", "git@github.com:Octo-Org/Octo-Repo.git")
    clone.commit()
    clone.git("worktree", "add", "--quiet", str(tmp_path / "worktree"))
    (clone.path / "source").mkdir()
    repositories = Repositories()
    for folder in (clone.path, clone.path / "source", tmp_path / "worktree"):
        assert repositories.of(str(folder)) == "github.com/octo-org/octo-repo"
    shutil.rmtree(tmp_path / "worktree")
    assert repositories.of(str(tmp_path / "worktree")) == "github.com/octo-org/octo-repo", "asked once a folder"


def test_a_folder_that_is_not_a_clone_of_a_forge_has_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    without = ScriptedRepository(tmp_path / "without", remote=None)
    local = ScriptedRepository(tmp_path / "local", remote=str(tmp_path / "without"))
    (tmp_path / "plain").mkdir()
    repositories = Repositories()
    for folder in (
        str(without.path),
        str(local.path),
        str(tmp_path / "plain"),
        str(tmp_path / "gone"),
        "relative",
        None,
    ):
        assert repositories.of(folder) is None
