import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.imports.stores import opencode
from service.imports.stores.problems import Problems
from service.imports.stores.stored_request import StoredMark
from tests.harness.stores.agents_day import (
    WITHOUT_REASONING,
    WITHOUT_WRITES,
    amp_thread,
    cline_message,
    gemini_message,
    kimi_record,
    lines,
    qwen_record,
)
from tests.harness.stores.codex_rollouts import BEGIN, ONE
from tests.harness.stores.databases import copilot_database, opencode_database, opencode_message
from tests.unit.service.imports.stores.conftest import Read
from vocabulary.tokens import TokenCounts, sum_tokens

NOON = 1_763_640_000_000


def write(path: Path, *records: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines(records))


class TestGeminiCli:
    def test_a_repeated_message_counts_once_as_it_was_last(self, tmp_path: Path, read: Read) -> None:
        early = gemini_message(1, BEGIN, tokens={"input": 10, "output": 1, "cached": 0, "total": 11})
        changed = {"$set": {"messages": [gemini_message(2, BEGIN)]}}
        chats = tmp_path / "tmp/abc/chats"
        write(chats / "session-1.jsonl", {"sessionId": "s"}, early, gemini_message(1, BEGIN), changed)

        assert [each.tokens for each in read("gemini", tmp_path)] == [WITHOUT_WRITES] * 2

    def test_an_older_file_that_was_rewritten_as_lines_counts_once(self, tmp_path: Path, read: Read) -> None:
        chats = tmp_path / "tmp/abc/chats"
        write(chats / "session-1.json", {"sessionId": "s", "messages": [gemini_message(1, BEGIN)]})
        write(chats / "session-1.jsonl", {"sessionId": "s"}, gemini_message(1, BEGIN))

        assert len(read("gemini", tmp_path)) == 1

    def test_chats_of_sub_agents_count_too(self, tmp_path: Path, read: Read) -> None:
        chats = tmp_path / "tmp/abc/chats"
        write(chats / "session-1.jsonl", {"sessionId": "s"}, gemini_message(1, BEGIN))
        write(chats / "s/session-2.jsonl", {"sessionId": "child"}, gemini_message(1, BEGIN))

        assert {each.session for each in read("gemini", tmp_path)} == {"s", "child"}

    def test_prompt_tokens_of_tools_stand_beside_the_input(self, tmp_path: Path, read: Read) -> None:
        tokens = {"input": 100, "output": 5, "cached": 40, "thoughts": 2, "tool": 7, "total": 114}
        write(tmp_path / "tmp/abc/chats/session-1.jsonl", gemini_message(1, BEGIN, tokens=tokens))

        assert [each.tokens for each in read("gemini", tmp_path)] == [TokenCounts(67, 40, 0, 5, 2)]


class TestOpenCode:
    def test_the_database_wins_over_what_older_versions_left(self, tmp_path: Path, read: Read) -> None:
        message = opencode_message(1, "s", NOON)
        opencode_database(tmp_path / "opencode.db", [message])
        older = {**message, "tokens": {"input": 9_999, "output": 1, "reasoning": 0, "cache": {"read": 0, "write": 0}}}
        write(tmp_path / "storage/message/s/msg_1.json", older)
        write(tmp_path / "storage/message/s/msg_2.json", opencode_message(2, "s", NOON))

        assert sum_tokens(each.tokens for each in read("opencode", tmp_path)).total == 2 * 1_080

    def test_sessions_of_sub_agents_count_as_themselves(self, tmp_path: Path, read: Read) -> None:
        messages = [opencode_message(1, "parent", NOON), opencode_message(2, "child", NOON)]
        opencode_database(tmp_path / "opencode-dev.db", messages)

        assert {each.session for each in read("opencode", tmp_path)} == {"parent", "child"}

    def test_a_total_tells_that_output_includes_reasoning(self, tmp_path: Path, read: Read) -> None:
        tokens = {"input": 100, "output": 50, "reasoning": 30, "cache": {"read": 0, "write": 0}, "total": 150}
        opencode_database(tmp_path / "opencode.db", [opencode_message(1, "s", NOON, tokens=tokens)])

        assert [each.tokens for each in read("opencode", tmp_path)] == [TokenCounts(100, 0, 0, 20, 30)]

    def test_git_says_where_a_session_went(self, tmp_path: Path, problems: Problems) -> None:
        path = tmp_path / "opencode.db"
        opencode_database(path, [opencode_message(1, "s", NOON)])
        given = {"command": "git commit -m CANARY", "description": "CANARY"}
        state = {"status": "completed", "input": given, "output": "[feature 1a2b3c4] CANARY", "time": {"end": NOON}}
        failed = {**state, "status": "error"}
        with sqlite3.connect(path) as database:
            database.execute("INSERT INTO session VALUES ('s', NULL, '/CANARY/folder', 'CANARY', 0)")
            for number, each in enumerate((state, failed)):
                data = json.dumps({"type": "tool", "tool": "bash", "state": each})
                database.execute("INSERT INTO part VALUES (?, 'm', 's', ?)", [f"prt_{number}", data])
        database.close()

        found = [each.mark for each in opencode.read([path], [path], problems) if isinstance(each, StoredMark)]

        assert [(mark.session, mark.branch, mark.commit) for mark in found] == [("s", "feature", "1a2b3c4")]

    def test_a_database_that_is_being_written_is_read(self, tmp_path: Path, read: Read) -> None:
        path = tmp_path / "opencode.db"
        opencode_database(path, [opencode_message(1, "s", NOON)])
        writer = sqlite3.connect(path)
        writer.execute("PRAGMA journal_mode = WAL")
        fresh = opencode_message(2, "s", NOON)
        writer.execute("INSERT INTO message VALUES ('msg_2', 's', 0, ?)", [json.dumps(fresh)])
        writer.commit()

        assert len(read("opencode", tmp_path)) == 2
        writer.close()


class TestCopilot:
    def test_input_is_split_and_times_without_a_zone_are_utc(self, tmp_path: Path, read: Read) -> None:
        copilot_database(tmp_path / "session-store.db", [("s", "2026-11-20 09:00:00")], ONE)

        (request,) = read("copilot", tmp_path)

        assert (request.tokens, request.occurred_at) == (TokenCounts(300, 600, 100, 50, 30), BEGIN)
        assert (request.repository, request.branch) == ("github.com/octo-org/octo-repo", None)

    def test_older_columns_suffice(self, tmp_path: Path, read: Read) -> None:
        with sqlite3.connect(tmp_path / "session-store.db") as database:
            database.execute(
                "CREATE TABLE assistant_usage_events (id INTEGER, session_id TEXT, model TEXT, input_tokens INTEGER,"
                " output_tokens INTEGER, created_at TEXT)"
            )
            row = (1, "s", "gpt-5", 100, 5, BEGIN.isoformat())
            database.execute("INSERT INTO assistant_usage_events VALUES (?, ?, ?, ?, ?, ?)", row)
        database.close()

        assert [each.tokens for each in read("copilot", tmp_path)] == [TokenCounts(100, 0, 0, 5, 0)]

    def test_sums_of_a_resumed_session_count_by_what_they_grew(self, tmp_path: Path, read: Read) -> None:
        ends = [shutdown(1, minutes=5), shutdown(3, minutes=50), shutdown(1, minutes=90)]
        write(tmp_path / "session-state/s/events.jsonl", {"type": "user.message", "data": "CANARY"}, *ends)

        assert [each.tokens.total for each in read("copilot", tmp_path)] == [1_080, 2 * 1_080, 1_080]

    def test_sums_of_a_session_in_the_database_are_not_read(self, tmp_path: Path, read: Read) -> None:
        copilot_database(tmp_path / "session-store.db", [("s", BEGIN.isoformat())], ONE)
        write(tmp_path / "session-state/s/events.jsonl", shutdown(1))
        write(tmp_path / "session-state/crashed/events.jsonl", shutdown(1))

        assert [each.session for each in read("copilot", tmp_path)] == ["s", "crashed"]


class TestAmp:
    def test_a_thread_without_a_ledger_has_its_usage_in_messages(self, tmp_path: Path, read: Read) -> None:
        thread = amp_thread("T-1", [BEGIN, BEGIN + timedelta(minutes=1)])
        del thread["usageLedger"]
        write(tmp_path / "threads/T-1.json", thread)

        assert [each.tokens for each in read("amp", tmp_path)] == [WITHOUT_REASONING] * 2


class TestCline:
    def test_requests_that_were_taken_back_were_paid_for(self, tmp_path: Path, read: Read) -> None:
        messages = [cline_message(BEGIN), cline_message(BEGIN, "deleted_api_reqs")]
        write(tmp_path / "tasks/1/ui_messages.json", messages)

        assert [each.tokens for each in read("cline", tmp_path)] == [WITHOUT_REASONING] * 2

    def test_a_task_in_two_editors_counts_once(self, home: Path, read: Read) -> None:
        for editor in ("Code", "VSCodium"):
            storage = home / ".config" / editor / "User/globalStorage/saoudrizwan.claude-dev"
            write(storage / "tasks/1/ui_messages.json", [cline_message(BEGIN)])

        assert len(read("cline")) == 1

    def test_its_kin_are_sources_of_their_own(self, home: Path, read: Read) -> None:
        for extension in ("rooveterinaryinc.roo-cline", "kilocode.kilo-code"):
            storage = home / ".config/Code/User/globalStorage" / extension
            write(storage / "tasks/1/ui_messages.json", [cline_message(BEGIN)])

        assert [each.source for each in read("cline")] == ["roo-code", "kilo-code"]

    def test_the_model_is_the_one_in_use_at_the_time(self, tmp_path: Path, read: Read) -> None:
        at = round(BEGIN.timestamp() * 1_000)
        used = [{"ts": at - 5, "model_id": "one"}, {"ts": at + 5, "model_id": "two"}]
        write(tmp_path / "tasks/1/task_metadata.json", {"model_usage": used})
        later = cline_message(BEGIN + timedelta(minutes=1))
        named = cline_message(BEGIN + timedelta(minutes=2), modelInfo={"providerId": "openai", "modelId": "three"})
        write(tmp_path / "tasks/1/ui_messages.json", [cline_message(BEGIN), later, named])

        assert [each.model for each in read("cline", tmp_path)] == ["one", "two", "three"]

    def test_sessions_of_the_command_line_count(self, tmp_path: Path, read: Read) -> None:
        metrics = {"inputTokens": 300, "outputTokens": 80, "cacheReadTokens": 600, "cacheWriteTokens": 100}
        message = {"id": "m", "role": "assistant", "content": "CANARY", "ts": NOON, "metrics": metrics}
        message["modelInfo"] = {"id": "z-ai/glm-5.2", "provider": "cline-pass"}
        write(tmp_path / "data/sessions/s/s.messages.json", {"sessionId": "s", "messages": [message]})

        assert [each.tokens for each in read("cline", tmp_path)] == [WITHOUT_REASONING]


class TestQwenCode:
    def test_a_copied_record_counts_once(self, tmp_path: Path, read: Read) -> None:
        write(tmp_path / "projects/p/chats/1.jsonl", qwen_record(1, "s", BEGIN))
        copy = {**qwen_record(1, "s", BEGIN), "sessionId": "resumed"}
        telemetry = {**qwen_record(2, "s", BEGIN), "type": "system"}
        write(tmp_path / "projects/p/chats/2.jsonl", copy, telemetry)

        assert [each.session for each in read("qwen", tmp_path)] == ["s"]


class TestKimi:
    def test_a_session_that_was_moved_counts_once(self, home: Path, read: Read) -> None:
        usage = {"input_other": 300, "input_cache_read": 600, "input_cache_creation": 100, "output": 80}
        update = {"type": "StatusUpdate", "payload": {"message_id": "m", "token_usage": usage}}
        write(home / ".kimi/sessions/abc/s/wire.jsonl", {"timestamp": BEGIN.timestamp(), "message": update})
        write(home / ".kimi-code/sessions/wd_abc/s/agents/main/wire.jsonl", kimi_record(BEGIN))
        write(home / ".kimi-code/sessions/wd_abd/s/agents/main/wire.jsonl", kimi_record(BEGIN))

        assert [each.tokens for each in read("kimi")] == [WITHOUT_REASONING]

    def test_sub_agents_belong_to_their_session(self, home: Path, read: Read) -> None:
        folder = home / ".kimi-code/sessions/wd_abc/session_s/agents"
        write(folder / "main/wire.jsonl", kimi_record(BEGIN))
        write(folder / "agent-1/wire.jsonl", kimi_record(BEGIN + timedelta(seconds=9)))

        assert [each.session for each in read("kimi")] == ["session_s"] * 2

    def test_the_model_of_older_sessions_stands_in_the_settings(self, home: Path, read: Read) -> None:
        usage = {"input_other": 1, "output": 1}
        update = {"type": "StatusUpdate", "payload": {"token_usage": usage}}
        write(home / ".kimi/sessions/abc/s/wire.jsonl", {"timestamp": BEGIN.timestamp(), "message": update})
        settings = 'default_model = "mine"\n[models.mine]\nmodel = "kimi-for-coding"\n'
        (home / ".kimi/config.toml").write_text(settings)

        assert [each.model for each in read("kimi")] == ["kimi-for-coding"]


def test_a_request_without_a_time_is_named(tmp_path: Path, read: Read, problems: Problems) -> None:
    write(tmp_path / "projects/p/chats/1.jsonl", qwen_record(1, "s", BEGIN, timestamp=None))

    assert read("qwen", tmp_path) == []
    assert problems.places == ["1.jsonl:1: a response without id or time"]


def shutdown(times: int, minutes: int = 5) -> dict[str, Any]:
    names = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens")
    usage = {name: times * number for name, number in zip(names, ONE, strict=True)}
    data = {"modelMetrics": {"claude-sonnet-4.5": {"requests": {"count": times}, "usage": usage}}}
    at = (BEGIN + timedelta(minutes=minutes)).isoformat()
    return {"type": "session.shutdown", "timestamp": at, "data": data}
