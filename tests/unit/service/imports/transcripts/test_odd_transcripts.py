"""Transcripts as they are found: the tokens of each file, computed by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.imports.transcripts.claude_code import Problem, Reason, token_events
from service.imports.transcripts.folders import find_files, find_folders
from service.imports.transcripts.times import instant
from tests.unit.service.imports.transcripts.test_claude_code import line
from tests.unit.service.imports.transcripts.test_reader import problems, read

FLAT = {"input_tokens": 10, "output_tokens": 5}
ITERATION = {"type": "message", **FLAT}


def one(number: int, usage: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A response of 15 tokens, unless `usage` adds to it or replaces it."""
    message = {"id": f"msg_{number}", "usage": {**FLAT, **(usage or {})}}
    return line(message, requestId=f"req_{number}", **changes)


def only(usage: dict[str, Any]) -> bytes:
    return line({"id": "msg_1", "usage": usage}, requestId="req_1")


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        ((one(1) + one(2)).decode().encode("utf-16"), 30),
        (b"".join(b"\xef\xbb\xbf" + one(number) for number in range(3)), 45),
        (one(1).replace(b"\n", b"\r\n") + one(2).replace(b"\n", b"\r\n"), 30),
        (one(1).replace(b"\n", b"\r") + one(2).replace(b"\n", b"\r"), 30),
        (one(1) + b"\0" * 5000 + one(2) + b"\0" * 3, 30),
        (one(1).strip() + one(2).strip() + b'{"type":"user","mess' + one(3), 45),
        (one(1)[:-60] + one(2), 15),
        (one(1)[:120] + one(2) + one(3), 30),
        (b"[" + one(1).strip() + b"," + one(2).strip() + b"]\n", 30),
        (json.dumps(json.loads(one(1)), indent=2).encode() + b"\n" + one(2), 30),
        (one(1, timestamp=1795168800), 15),
        (one(1, timestamp="1795168800.5"), 15),
        (one(1, timestamp=1795168800000000), 15),
        (one(1, timestamp="2026-11-20 10:00:00+00"), 15),
        (one(1, {"cache_read_input_tokens": None, "cache_creation_input_tokens": None}), 15),
        (only({"iterations": [ITERATION, {"type": "message", "input_tokens": 20, "output_tokens": 7}]}), 42),
        (one(1, {"iterations": [{"type": "compaction", "input_tokens": 1000, "output_tokens": 50}, ITERATION]}), 1065),
        (one(1, {"iterations": [ITERATION]}), 15),
        (one(1, {"iterations": None}), 15),
        (
            one(
                1,
                {
                    "cache_creation_input_tokens": 5,
                    "cache_creation": {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 3},
                },
            ),
            25,
        ),
        (one(1).replace(b"CANARY answer", b"\xff\xfe\x80"), 15),
        (one(1, {"input_tokens": 10**30}) + one(2), 20),
    ],
)
def test_all_tokens_of_a_damaged_or_odd_transcript_count(content: bytes, tokens: int, tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(content)
    with read(tmp_path) as answers:
        events = [event for answer in answers for event in token_events(answer, None, None)]
    kinds = ("input_uncached", "cache_read", "cache_write", "output_visible")
    assert sum(getattr(event.tokens, kind) for event in events for kind in kinds) == tokens


def test_a_record_without_a_time_is_named_with_its_tokens(tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(one(1) + one(2, timestamp=None))
    with read(tmp_path) as answers:
        assert len(answers) == 1
        assert problems(answers) == [("session.jsonl", 2, Problem(Reason.TIME, 15))]


@pytest.mark.parametrize(
    ("variable", "files"),
    [
        ("{0}/one,{0}/two", 2),
        ("{0}/one, {0}/two , {0}/three", 3),
        ("{0}/one:{0}/two", 2),
        ("{0}/one,{0}/nosuch", 1),
        ("{0}/one,{0}/one/", 1),
        ("{0}/one,{0}/link", 1),
        ("{0}/one/projects", 1),
    ],
)
def test_every_folder_of_the_variable_is_read_once(
    variable: str, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name / "projects" / "p").mkdir(parents=True)
        (tmp_path / name / "projects" / "p" / "session.jsonl").write_bytes(one(1))
    (tmp_path / "link").symlink_to(tmp_path / "one")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", variable.format(tmp_path))
    assert len(find_files(find_folders(None))) == files


@pytest.mark.parametrize("timestamp", ["9" * 400, "1e999", 1e308, -1e308, "inf", "nan"])
def test_an_impossible_number_is_no_time(timestamp: object) -> None:
    assert instant(timestamp) is None
