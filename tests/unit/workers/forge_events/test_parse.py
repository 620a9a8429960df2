"""Whatever a forge sends, parsing ends in facts or in a reason, and names nobody."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.webhooks import PAYLOADS
from workers.forge_events.model import Ignored
from workers.forge_events.parse import decode, parse
from workers.forge_events.reading import Envelope

ENVELOPES = {
    "github": Envelope("github.com", datetime(2026, 3, 20, tzinfo=UTC)),
    "gitlab": Envelope("gitlab.com", datetime(2026, 3, 20, tzinfo=UTC)),
}
OWN = sorted(path for forge in ENVELOPES for path in (PAYLOADS / forge).glob("*.json"))


def event_of(path: Path) -> str:
    return path.stem.partition("__")[0]


def parse_file(path: Path) -> Any:
    forge = path.parent.name
    return parse(forge, event_of(path), json.loads(path.read_text()), ENVELOPES[forge])


@pytest.mark.shared
def test_every_shared_payload_parses(shared: Path) -> None:
    paths = sorted((shared / "payloads").glob("*/*.json"))
    kinds = Counter(type(parse_file(path)).__name__ for path in paths)
    assert len(paths) > 90
    assert kinds["PullRequestFacts"] == 37
    assert kinds["PushFacts"] == 3
    assert kinds["ReleaseFacts"] == 29
    assert kinds["NamingFacts"] == 13


def test_every_recorded_payload_parses_or_gives_a_reason() -> None:
    ignored = {path.stem for path in OWN if isinstance(parse_file(path), Ignored)}
    assert ignored == {"push__branch_deleted"}


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_identity_title_or_message_survives_parsing(path: Path) -> None:
    facts = repr(parse_file(path)).replace("CANARY-branch", "").replace("CANARY-draft", "")
    assert "CANARY" in path.read_text()
    assert "CANARY" not in facts.replace("CANARY-patch", "").replace("CANARY-fix", "")


def assert_that_decoding_leaves_nothing_out(path: Path, body: bytes) -> None:
    forge, envelope = path.parent.name, ENVELOPES[path.parent.name]
    whole = parse(forge, event_of(path), msgspec.json.decode(body), envelope)
    assert parse(forge, event_of(path), decode(forge, body), envelope) == whole


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_that_is_read_of_a_payload_is_left_out_when_it_is_decoded(path: Path) -> None:
    assert_that_decoding_leaves_nothing_out(path, path.read_bytes())


@pytest.mark.shared
def test_nothing_that_is_read_of_a_shared_payload_is_left_out_when_it_is_decoded(shared: Path) -> None:
    for path in sorted((shared / "payloads").glob("*/*.json")):
        assert_that_decoding_leaves_nothing_out(path, path.read_bytes())


@pytest.mark.parametrize("payload", [[], "text", 7, None, {}])
@pytest.mark.parametrize("event", ["pull_request", "push", "unheard_of"])
def test_json_of_another_shape_is_ignored_with_a_reason(event: str, payload: Any) -> None:
    for forge, envelope in ENVELOPES.items():
        ignored = parse(forge, event, payload, envelope)
        assert isinstance(ignored, Ignored)
        assert ignored.reason
        assert parse(forge, event, decode(forge, json.dumps(payload).encode()), envelope) == ignored


def places(reported: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    children = (
        reported.items() if isinstance(reported, dict) else enumerate(reported) if isinstance(reported, list) else ()
    )
    return [path, *(place for key, value in children for place in places(value, (*path, key)))]


ODD = [None, True, 0, -1, 10**30, 1.5, "", "text", "\0", "0" * 40, [], [None], {}, {"id": None}]
JSON = st.sampled_from([json.dumps(value) for value in ODD]).map(json.loads)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_no_value_at_any_place_of_a_payload_makes_parsing_fail(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(OWN))
    payload = json.loads(path.read_text())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from([place for place in places(payload) if place]))
        parent = payload
        for key in place[:-1]:
            parent = parent[key]
        parent[place[-1]] = data.draw(JSON)
    parse(path.parent.name, event_of(path), payload, ENVELOPES[path.parent.name])
    assert_that_decoding_leaves_nothing_out(path, json.dumps(payload).encode())
