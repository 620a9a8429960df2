"""Spans and metrics of services that send either or both: each token once, whatever comes when and how often."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from tests.harness.organization import Organization
from tests.harness.otlp import (
    JSON,
    MOMENT,
    PROTOBUF,
    Body,
    as_json,
    as_protobuf,
    counter,
    histogram,
    histogram_point,
    metrics,
    number_point,
    signal_of,
    span,
    spans,
)
from tests.harness.service import serve
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]
Send = Callable[..., Awaitable[None]]

MINUTE = 60_000_000_000
RESOURCE = {"service.name": "review-bot", "team.id": "platform", "host.name": "CANARY-host"}
VALUES = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}
PREFIX = "gen_ai.client.inference.usage."


@pytest.fixture
def send(client: httpx.AsyncClient, organization: Organization) -> Send:
    """Sends bodies one after another."""

    async def post(*bodies: Body, encoding: str = "protobuf", headers: dict[str, str] | None = None) -> None:
        for body in bodies:
            content, media_type = (as_protobuf(body), PROTOBUF) if encoding == "protobuf" else (as_json(body), JSON)
            answer = await client.post(
                f"/v1/{signal_of(body)}", content=content, headers=(headers or organization.headers) | media_type
            )
            assert answer.status_code == 200, answer.content

    return post


def request(number: int, tokens: int = 100, *, parent: int = 0, **values: Any) -> Body:
    reported = {**VALUES, "gen_ai.conversation.id": "CANARY", "gen_ai.usage.input_tokens": tokens, **values}
    return span("chat", reported, number=number, parent=parent, moment=MOMENT + number * 1000)


def export(minute: int, *, total: int, cached: int = 0, output: int = 0, **resource: Any) -> Body:
    """A cumulative export, as SDKs send it every minute."""
    moment = MOMENT + minute * MINUTE
    reported = {"input_tokens": total, "cache_read.input_tokens": cached, "output_tokens": output}
    counters = [
        counter(PREFIX + name, number_point(value, VALUES, moment=moment)) for name, value in reported.items() if value
    ]
    return metrics(*counters, resource={**RESOURCE, **resource})


async def test_cumulative_counters_count_what_they_grow_by(send: Send, received: Received, rows: Rows) -> None:
    exports = [
        export(1, total=1500, cached=900, output=80),
        export(2, total=1500, cached=900, output=80),
        export(3, total=3500, cached=1900, output=100),
    ]
    await send(*exports, *exports)
    assert await received() == (2, TokenCounts(1600, 1900, 0, 100, 0))
    events = await rows("token_event")
    assert {(row["source"], row["provider"], row["model"]) for row in events} == {("genai", "openai", "gpt-5")}


@pytest.mark.parametrize("seed", range(4))
async def test_exports_may_come_in_any_order_and_any_number(seed: int, send: Send, received: Received) -> None:
    exports = [export(minute, total=100 * minute, output=10 * minute) for minute in range(1, 9)] * 2
    random.Random(seed).shuffle(exports)
    await send(*exports)
    _, tokens = await received()
    assert tokens == TokenCounts(800, 0, 0, 80, 0)


async def test_an_export_split_over_bodies_counts_the_same_tokens(send: Send, received: Received) -> None:
    whole = export(1, total=1500, cached=900, output=80)
    reported = whole["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    await send(*(metrics(one, resource=RESOURCE) for one in reported))
    assert (await received())[1].total == 1580


@pytest.mark.parametrize("portion", [1, 3])
async def test_a_body_that_is_stored_in_portions_counts_the_same_tokens(
    send: Send, received: Received, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr("service.telemetry.hashing.portions.PORTION", portion)
    nested = [request(1, 300), request(2, 100, parent=1), request(3, 200, parent=1), request(4, 50)]
    others = [{**request(number, 10), "traceId": f"{number:032x}"} for number in range(5, 11)]
    body = spans(*reversed(nested), *others, resource=RESOURCE)
    exports = [export(minute, total=1000 * minute, cached=400 * minute, output=10 * minute) for minute in (1, 2)]
    reported = [one for each in exports for one in each["resourceMetrics"]]
    await send(body, {"resourceMetrics": reported}, body, {"resourceMetrics": reported})
    assert (await received())[1] == TokenCounts(1200, 800, 0, 20, 0)


async def test_a_part_that_exceeds_its_total_is_not_cut(send: Send, received: Received, rows: Rows) -> None:
    await send(export(1, total=100, cached=900), export(2, total=1000, cached=950), export(2, total=1000, cached=950))
    assert (await received())[1] == TokenCounts(1000, 950)
    (group,) = await rows("metric_group")
    assert (group["total_input"], group["read"], group["cache_is_beside"]) == (1000, 950, True)


async def test_parts_and_totals_of_different_exports_count_once(send: Send, received: Received) -> None:
    await send(export(1, total=0, cached=500), export(2, total=800), export(3, total=900, cached=600))
    assert (await received())[1] == TokenCounts(300, 600)
    await send(export(4, total=900, cached=850), export(5, total=1500))
    assert (await received())[1].total == 1500


async def test_a_restarted_process_begins_a_series_of_its_own(send: Send, received: Received) -> None:
    def reported(value: int, start: int, minute: int) -> Body:
        point = number_point(value, VALUES, start=MOMENT + start * MINUTE, moment=MOMENT + minute * MINUTE)
        return metrics(counter(PREFIX + "input_tokens", point), resource=RESOURCE)

    await send(reported(100, 0, 1), reported(40, 2, 3), reported(100, 0, 1), reported(50, 2, 4))
    assert (await received())[1] == TokenCounts(150)


async def test_a_counter_that_restarts_without_a_new_start_time_counts_on(send: Send, received: Received) -> None:
    await send(export(1, total=100), export(2, total=30), export(3, total=40), export(1, total=100))
    assert (await received())[1] == TokenCounts(140)


async def test_points_of_delta_series_each_count_once(send: Send, received: Received, rows: Rows) -> None:
    def reported(minute: int, value: int) -> Body:
        point = number_point(value, VALUES, start=MOMENT + minute * MINUTE, moment=MOMENT + (minute + 1) * MINUTE)
        return metrics(counter(PREFIX + "input_tokens", point, temporality=1), resource=RESOURCE)

    await send(reported(2, 7), reported(0, 10), reported(1, 10), reported(0, 10), reported(2, 7))
    assert (await received())[1] == TokenCounts(27)
    assert len(await rows("measurement")) == 3
    assert not await rows("metric_series")


async def test_the_histogram_counts_by_its_sum(send: Send, received: Received) -> None:
    def reported(minute: int, *sums: float) -> Body:
        points = [
            histogram_point(total, {**VALUES, "gen_ai.token.type": name}, moment=MOMENT + minute * MINUTE)
            for name, total in zip(("input", "output"), sums, strict=True)
        ]
        return metrics(histogram("gen_ai.client.token.usage", *points), resource=RESOURCE)

    await send(reported(1, 10.0, 20.0), reported(2, 10.0, 20.0), reported(3, 1510.0, 100.0))
    assert await received() == (2, TokenCounts(1510, 0, 0, 100, 0))


async def test_spans_and_both_kinds_of_metrics_of_a_service_count_once_in_any_order(
    send: Send, received: Received
) -> None:
    for number, order in enumerate(itertools.permutations(range(3)), start=1):
        resource = {**RESOURCE, "service.name": f"service-{number}"}
        sums = {"input": 1500.0, "output": 80.0}
        points = [histogram_point(total, {**VALUES, "gen_ai.token.type": name}) for name, total in sums.items()]
        reported = [
            spans(request(number, 1500, **{"gen_ai.usage.output_tokens": 80}), resource=resource),
            export(1, total=1500, cached=900, output=80, **resource),
            metrics(histogram("gen_ai.client.token.usage", *points), resource=resource),
        ]
        bodies = [reported[one] for one in order]
        await send(*bodies, *bodies)
        assert (await received())[1].total == number * 1580


async def test_spans_say_all_where_they_come_first(send: Send, rows: Rows) -> None:
    reported = {"gen_ai.usage.cache_read.input_tokens": 900, "gen_ai.usage.output_tokens": 80}
    await send(spans(request(1, 1500, **reported), resource=RESOURCE), export(1, total=1500, output=80))
    (event,) = await rows("token_event")
    assert (event["input_uncached"], event["cache_read"], event["output_visible"]) == (600, 900, 80)


async def test_sampled_spans_are_filled_up_by_the_metrics(send: Send, received: Received) -> None:
    await send(spans(request(1, 100), resource=RESOURCE), export(1, total=1000))
    assert (await received())[1] == TokenCounts(1000)


async def test_services_and_teams_are_counted_apart(send: Send, received: Received) -> None:
    await send(
        spans(request(1), resource=RESOURCE),
        export(1, total=100, **{"service.name": "another"}),
        export(1, total=100, **{"team.id": "web"}),
    )
    assert (await received())[1] == TokenCounts(300)


async def test_of_a_span_within_a_span_one_counts(send: Send, received: Received) -> None:
    body = spans(request(2, parent=1), request(1), resource=RESOURCE)
    apart = [spans(request(4, parent=3), resource=RESOURCE), spans(request(3), resource=RESOURCE)]
    await send(body, *apart, body, *apart[::-1])
    assert await received() == (2, TokenCounts(200))


async def test_a_failed_attempt_hides_no_tokens_of_the_span_above_it(send: Send, received: Received) -> None:
    failed = span("chat", VALUES, number=2, parent=1, status=2)
    await send(spans(failed, request(1), resource=RESOURCE), spans(failed, resource=RESOURCE))
    assert (await received())[1] == TokenCounts(100)


async def test_the_same_exports_at_the_same_time_count_once(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    bodies = [
        *(export(minute, total=10 * minute, output=minute) for minute in range(1, 6)),
        *(spans(request(number, 10), resource={**RESOURCE, "service.name": "other"}) for number in range(1, 6)),
    ] * 4
    random.Random(1).shuffle(bodies)

    def post(body: Body) -> Awaitable[httpx.Response]:
        headers = organization.headers | PROTOBUF
        return client.post(f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=headers)

    answers = await asyncio.gather(*(post(body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert (await received())[1] == TokenCounts(100, 0, 0, 5, 0)


async def test_the_same_export_sent_to_several_processes_counts_once(
    settings: Settings, organization: Organization, received: Received
) -> None:
    bodies = [
        *(export(minute, total=10 * minute, output=minute) for minute in range(1, 9)),
        *(spans(request(number, 10), resource={**RESOURCE, "service.name": "other"}) for number in range(1, 9)),
        *(spans(request(number, 10), resource=RESOURCE) for number in range(11, 14)),
    ]
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(serve(create_app(settings))) for _ in range(3)]
        posts = [(process, body) for process in processes for body in bodies * 2]
        random.Random(7).shuffle(posts)
        answers = await asyncio.gather(
            *(
                process.post(
                    f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=organization.headers | PROTOBUF
                )
                for process, body in posts
            )
        )
    assert {answer.status_code for answer in answers} == {200}
    # 80 and 8 by the series, which three spans of 10 repeat in part, and 80 by the spans of the other service.
    assert (await received())[1] == TokenCounts(160, 0, 0, 8, 0)


async def test_both_encodings_report_one_series(send: Send, received: Received) -> None:
    await send(export(1, total=100))
    await send(export(1, total=100), export(2, total=130), encoding="json")
    assert (await received())[1] == TokenCounts(130)


async def test_what_is_remembered_is_closed_to_other_organizations(
    send: Send, organization: Organization, other_organization: Organization, database: Database
) -> None:
    bodies = [export(1, total=100), spans(request(1), resource={**RESOURCE, "service.name": "other"})]
    await send(*bodies)
    await send(*bodies, headers=other_organization.headers)
    for mine in (organization, other_organization):
        async with database.organization(mine.organization_id) as tenant:
            for table in ("metric_series", "measurement", "token_tally", "token_event"):
                seen = await tenant.connection.fetch(f"SELECT organization_id FROM {table}")
                assert {row["organization_id"] for row in seen} == {mine.organization_id}
            total = await tenant.connection.fetchval("SELECT sum(input_uncached) FROM intake_total")
            assert total == 200


async def test_hashes_of_the_same_series_differ_between_organizations(
    send: Send, other_organization: Organization, database: Database
) -> None:
    await send(export(1, total=100))
    await send(export(1, total=100), headers=other_organization.headers)
    async with database.operator() as connection:
        for table, column in (("metric_series", "series_id"), ("token_tally", "tally_id")):
            ids: Sequence[bytes] = [row[column] for row in await connection.fetch(f"SELECT {column} FROM {table}")]
            assert len(ids) == len(set(ids)) == 2


async def test_instruments_of_one_export_that_are_stamped_one_after_another_are_one_measurement(
    send: Send, rows: Rows
) -> None:
    values = {"input_tokens": 1500, "output_tokens": 80, "cache_read.input_tokens": 900, "reasoning.output_tokens": 33}
    counters = [
        counter(PREFIX + name, number_point(value, VALUES, start=MOMENT + place, moment=MOMENT + MINUTE + place * 2700))
        for place, (name, value) in enumerate(values.items())
    ]
    await send(metrics(*counters, resource=RESOURCE))
    (event,) = await rows("token_event")
    assert [event[kind] for kind in TokenCounts._fields] == [600, 900, 0, 47, 33]


@pytest.mark.parametrize("together", [True, False])
async def test_a_sum_above_levels_without_tokens_counts_no_request_again(
    together: bool, send: Send, received: Received
) -> None:
    def level(number: int, parent: int, tokens: int = 0) -> Body:
        values = {**VALUES, "gen_ai.usage.input_tokens": tokens} if tokens else {}
        return span("level", values, number=number, parent=parent, moment=MOMENT - number * 1000)

    whole = [level(5, 2, 80), level(4, 3, 120), level(3, 2), level(2, 1), level(1, 0, 200)]
    for bodies in ([whole] if together else [[each] for each in whole]) * 2:
        await send(spans(*bodies, resource=RESOURCE))
    assert await received() == (2, TokenCounts(200))


async def test_two_instrumentations_that_report_one_response_count_once(send: Send, received: Received) -> None:
    one = {"gen_ai.response.id": "msg_1", "gen_ai.usage.output_tokens": 7}
    both = [span("chat", {**VALUES, "gen_ai.usage.input_tokens": 100, **one}, number=n, trace=n) for n in (1, 2)]
    await send(spans(*both, resource=RESOURCE), *(spans(each, resource=RESOURCE) for each in both))
    assert await received() == (1, TokenCounts(100, 0, 0, 7, 0))
    later = span("chat", {**VALUES, "gen_ai.usage.input_tokens": 100, **one}, number=3, moment=MOMENT + 10 * MINUTE)
    await send(spans(later, resource=RESOURCE))
    assert await received() == (2, TokenCounts(200, 0, 0, 14, 0))


def sums(total: int, output: int, minute: int = 1) -> Body:
    """A histogram's export: it knows no kinds."""
    points = [
        histogram_point(tokens, {**VALUES, "gen_ai.token.type": name}, moment=MOMENT + minute * MINUTE)
        for name, tokens in (("input", float(total)), ("output", float(output)))
    ]
    return metrics(histogram("gen_ai.client.token.usage", *points), resource=RESOURCE)


DETAILS = {"gen_ai.usage.output_tokens": 80, "gen_ai.usage.cache_read.input_tokens": 900}


async def test_spans_that_come_after_a_histogram_say_what_its_tokens_were(send: Send, received: Received) -> None:
    bodies = [sums(1500, 80), spans(request(1, 1500, **DETAILS), resource=RESOURCE)]
    await send(*bodies, *bodies)
    assert await received() == (1, TokenCounts(600, 900, 0, 80, 0))


async def test_a_span_replaces_its_part_of_an_export_and_the_rest_stays(send: Send, received: Received) -> None:
    await send(sums(3000, 160), spans(request(1, 1500, **DETAILS), resource=RESOURCE))
    assert await received() == (2, TokenCounts(2100, 900, 0, 160, 0))
    await send(spans(request(2, 1500, **DETAILS), resource=RESOURCE), sums(3000, 160))
    assert await received() == (2, TokenCounts(1200, 1800, 0, 160, 0))
    await send(sums(3100, 160, minute=2))
    assert await received() == (3, TokenCounts(1300, 1800, 0, 160, 0))


async def test_counters_replace_a_histogram_and_spans_replace_both(send: Send, received: Received) -> None:
    await send(sums(1500, 80), export(1, total=1500, cached=700, output=80))
    assert await received() == (1, TokenCounts(800, 700, 0, 80, 0))
    await send(spans(request(1, 1500, **DETAILS), resource=RESOURCE))
    assert await received() == (1, TokenCounts(600, 900, 0, 80, 0))


async def test_what_was_folded_is_withdrawn_from_its_window(
    send: Send, drain: Callable[[], Awaitable[None]], database: Database, organization: Organization
) -> None:
    for body in (sums(3000, 160), spans(request(1, 1500, **DETAILS), resource=RESOURCE)):
        await send(body)
        await drain()
    async with database.organization(organization.organization_id) as tenant:
        kinds = ", ".join(f"sum({kind})::bigint" for kind in TokenCounts._fields)
        row = await tenant.fetchrow(f"SELECT sum(requests), {kinds} FROM token_window WHERE organization_id = $1")
    assert tuple(row) == (2, 2100, 900, 0, 160, 0)
