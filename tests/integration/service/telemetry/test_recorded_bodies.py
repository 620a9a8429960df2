"""Bodies of every source, recorded or written from its documentation: exact totals however sent, and nobody named.

That no table and no queue holds a canary is checked after each test, as after any that uses the database.
"""

import json
import random
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from schema.database import Database
from service.telemetry.otlp.records import Signal
from tests.conftest import MASTER_SECRET, SHARED
from tests.harness.organization import Organization, make_organization
from tests.harness.otlp import JSON, PROTOBUF
from tests.harness.otlp_cuts import pieces, read_body, signal_at, together, written_as_json
from vocabulary.tokens import TokenCounts

Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]
SentBody = tuple[Signal, Message]

WRITTEN = Path(__file__).resolve().parents[3] / "payloads/telemetry"
# Of bodies by real agents, `requests` and `why` are recorded, too.
RECORDED = SHARED / "telemetry"
# Attribute names that nobody thought of.
NAMES = 10_000


def expectations(folder: Path) -> dict[str, Any]:
    path = folder / "expected.json"
    reported = json.loads(path.read_text()) if path.exists() else {}
    return {name: value for name, value in reported.items() if isinstance(value, dict)}


SOURCES = [
    pytest.param(folder / name, expected, id=name, marks=[pytest.mark.shared] if folder is RECORDED else [])
    for folder in (WRITTEN, RECORDED)
    for name, expected in expectations(folder).items()
]
assert len(expectations(WRITTEN)) == len([folder for folder in WRITTEN.iterdir() if folder.is_dir()]) == 9


def assert_expected(tokens: TokenCounts, expected: dict[str, Any]) -> None:
    reported_input = expected.get("input", expected.get("input_total"))
    reported_output = expected.get("output", expected.get("output_total"))
    if reported_input is not None:
        assert (sum(tokens[:3]), sum(tokens[3:])) == (reported_input, reported_output)
    else:
        kinds = expected.get("tokens") or [expected[kind] for kind in TokenCounts._fields]
        assert tokens == TokenCounts(*kinds)


def bodies_of(folder: Path) -> list[SentBody]:
    paths = sorted(folder.glob("[0-9]*"))
    assert paths
    return [(signal_at(path), read_body(path)) for path in paths]


async def send(
    client: httpx.AsyncClient, organization: Organization, reported: list[SentBody], *, in_json: float = 0.0
) -> None:
    """One after another; of bodies in JSON there is that share, evenly among the others."""
    for number, (signal, body) in enumerate(reported, start=1):
        if int(number * in_json) > int((number - 1) * in_json):
            content, headers, empty = written_as_json(body), JSON, b"{}"
        else:
            content, headers, empty = body.SerializeToString(), PROTOBUF, b""
        answer = await client.post(f"/v1/{signal}", content=content, headers=organization.headers | headers)
        assert (answer.status_code, answer.content) == (200, empty)


async def total_of(database: Database, organization: Organization) -> TokenCounts:
    async with database.organization(organization.organization_id) as tenant:
        sums = ", ".join(f"coalesce(sum({kind}), 0)::bigint" for kind in TokenCounts._fields)
        row = await tenant.fetchrow(f"SELECT {sums} FROM intake_total WHERE organization_id = $1")
    return TokenCounts(*row)


@pytest.mark.parametrize(("folder", "expected"), SOURCES)
async def test_bodies_sent_once_and_again_end_with_the_expected_totals(
    folder: Path,
    expected: dict[str, Any],
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    rows: Rows,
) -> None:
    bodies = bodies_of(folder)
    for _ in range(2):
        await send(client, organization, bodies)
        assert_expected(await total_of(database, organization), expected)
    events = await rows("token_event")
    if "requests" in expected:
        assert sum(row["requests"] for row in await rows("intake_total")) == expected["requests"]
    if "model" in expected:
        assert {row["model"] for row in events} == {expected["model"]}
    teams = {row["team_id"]: row["name"] for row in await rows("team")}
    assert "platform" in {teams[row["team_id"]] for row in events} or folder.name == "codex"


@pytest.mark.parametrize(("folder", "expected"), SOURCES)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_in_any_order_and_any_cut_the_totals_are_the_same(
    seed: int, folder: Path, expected: dict[str, Any], client: httpx.AsyncClient, database: Database
) -> None:
    order = random.Random(seed)
    organization = await make_organization(database, MASTER_SECRET, uuid.uuid4().hex)
    cut = [(signal, piece) for signal, body in bodies_of(folder) for piece in pieces(signal, body)]
    order.shuffle(cut)
    cut += order.sample(cut, len(cut) // 2)
    reported: list[SentBody] = []
    for signal in Signal:
        own = [piece for kind, piece in cut if kind is signal]
        while own:
            size = order.randint(1, len(own))
            reported.append((signal, together(own[:size])))
            own = own[size:]
    order.shuffle(reported)
    await send(client, organization, reported, in_json=order.random() / 2)
    assert_expected(await total_of(database, organization), expected)


@pytest.mark.parametrize(("folder", "expected"), SOURCES)
async def test_ten_thousand_attributes_of_any_name_reach_nothing(
    folder: Path,
    expected: dict[str, Any],
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:
    names = random.Random(folder.name)
    letters = "abcdefghijklmnopqrstuvwxyz._-0123456789"
    extra = [
        names.choice(("", "CANARY.")) + "".join(names.choices(letters, k=names.randint(1, 40))) for _ in range(NAMES)
    ]
    cut = [(signal, piece) for signal, body in bodies_of(folder) for piece in pieces(signal, body)]
    lists = [
        attributes for signal, piece in cut if signal is not Signal.METRICS for attributes in _attribute_lists(piece)
    ]
    for number, name in enumerate(extra if lists else ()):
        lists[number % len(lists)].add(key=name).value.string_value = f"CANARY-{name}"
    # Of metrics every attribute is part of what a series is, so all points get the same: their resources one half.
    reported = [KeyValue(key=name, value=AnyValue(string_value=f"CANARY-{name}")) for name in extra]
    for halves in [_attribute_lists(piece) for signal, piece in cut if signal is Signal.METRICS]:
        for number, half in enumerate(halves):
            half.extend(reported[number :: len(halves)])
    await send(client, organization, cut, in_json=0.5)
    assert_expected(await total_of(database, organization), expected)
    said = capfd.readouterr()
    answers = [
        (await client.get(path, headers=organization.headers)).text
        for path in ("/metrics", "/api/v1/ledger", "/api/v1/coverage", "/api/v1/teams", "/api/v1/metrics/tokens-per-pr")
    ]
    assert "CANARY" not in said.out + said.err + "".join(answers)


def _attribute_lists(message: Any) -> list[Any]:
    """The resource's attributes, and the record's, span's or point's."""
    found = []
    for field, value in message.ListFields():
        if field.name == "attributes":
            found.append(value)
        elif field.type == field.TYPE_MESSAGE and field.name not in {"body", "events", "links", "exemplars", "scope"}:
            for one in value if field.is_repeated else [value]:
                found += _attribute_lists(one)
    return found
