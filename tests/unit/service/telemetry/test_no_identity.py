"""A canary in each attribute of each source, one after another, and in all of them: no row holds it.

What may be stored in clear is a short list: labels of team, workflow, prompt template and context tier, and names of
models and providers. Everything else is read as a number, hashed, or dropped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schema.identifiers import Hasher
from service.telemetry.hashing.rows import IntakeRows, hash_readings
from service.telemetry.otlp.decode import Encoding, decode
from service.telemetry.otlp.records import Signal
from service.telemetry.reading import links
from service.telemetry.sources import openinference, vercel_ai
from service.telemetry.sources.conventions import spellings
from service.telemetry.sources.registry import WANTED, read_all
from tests.harness.otlp_cuts import pieces, read_body, signal_at
from tests.unit.service.telemetry.sources.conftest import RECEIVED_AT

PAYLOADS = Path(__file__).resolve().parents[3] / "payloads/telemetry"
HASHER = Hasher(b"key of an organization, 32 bytes")
IN_CLEAR = {
    *(links.TEAM, *links.WORKFLOWS, links.PROMPT_TEMPLATE, links.PROMPT_KEY, links.PROMPT_VERSION, links.CONTEXT_TIER),
    *("metadata.user_api_key_team_id", "metadata.team_id", "model", "provider", "anthropic.provider"),
    *(*spellings.MODEL, *spellings.PROVIDER, *vercel_ai.MODEL, *vercel_ai.PROVIDER),
    *(*openinference.MODEL, *openinference.PROVIDER, *spellings.SERVICE_TIER, *spellings.REGION, "service_tier"),
}


def rows_of(signal: Signal, message: Any) -> IntakeRows:
    things = decode(signal, Encoding.PROTOBUF, message.SerializeToString(), WANTED[signal])
    return hash_readings(HASHER, read_all(things, RECEIVED_AT))


def attribute_lists(message: Any) -> Iterator[Any]:
    for field, value in message.ListFields():
        if field.name == "attributes":
            yield value
        elif field.type == field.TYPE_MESSAGE:
            for one in value if field.is_repeated else [value]:
                yield from attribute_lists(one)


def recorded() -> list[Path]:
    return sorted(PAYLOADS.glob("*/[0-9]*.json"))


@pytest.mark.parametrize("path", recorded(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_attribute_carries_a_canary_into_a_row(path: Path) -> None:
    signal = signal_at(path)
    tried = 0
    for piece in pieces(signal, read_body(path)):
        names = {pair.key for attributes in attribute_lists(piece) for pair in attributes}
        assert "canary" not in repr(rows_of(signal, piece)).lower()
        for name in sorted({*names, *WANTED[signal].attributes} - IN_CLEAR):
            copy: Any = type(piece)()
            copy.CopyFrom(piece)
            for attributes in attribute_lists(copy):
                for pair in attributes:
                    if pair.key == name:
                        pair.value.string_value = "CANARY"
                if name not in {pair.key for pair in attributes}:
                    attributes.add(key=name).value.string_value = "CANARY"
            assert "canary" not in repr(rows_of(signal, copy)).lower(), name
            tried += 1
    assert tried


@pytest.mark.parametrize("path", recorded(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_labels_that_name_a_person_by_mail_are_not_kept(path: Path) -> None:
    signal = signal_at(path)
    for piece in pieces(signal, read_body(path)):
        for attributes in attribute_lists(piece):
            for name in sorted(IN_CLEAR):
                attributes.add(key=name).value.string_value = "canary@example.org"
        assert "canary@" not in repr(rows_of(signal, piece))


def test_every_source_has_a_body() -> None:
    reported = {
        row.source
        for path in recorded()
        for rows in [rows_of(signal_at(path), read_body(path))]
        for row in (*rows.events, *(span.event for span in rows.spans), *(point.event for point in rows.points))
    }
    assert reported == {"claude-code", "cline", "copilot", "genai", "opencode", "vercel-ai"}
