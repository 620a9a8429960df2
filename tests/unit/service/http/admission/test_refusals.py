"""Each refusal is a whole response: a problem document that says what to do, and the end of the connection."""

import json
from http import HTTPStatus

import pytest
from httpx import Response

from service.http.admission import refusals
from service.http.admission.refusals import Refusal, refuse_request
from service.http.problem_documents import MEDIA_TYPE

ALL = [each for each in vars(refusals).values() if isinstance(each, Refusal)]
AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def parsed(refusal: Refusal) -> Response:
    head, _, body = refusal.response.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}"
    return Response(refusal.status.value, headers=[tuple(line.split(": ", 1)) for line in lines], content=body)


@pytest.mark.parametrize("refusal", ALL, ids=lambda each: each.reason)
def test_a_refusal_is_a_problem_document_and_ends_the_connection(refusal: Refusal) -> None:
    answer = parsed(refusal)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["connection"] == "close"
    assert int(answer.headers["content-length"]) == len(answer.content)
    problem = answer.json()
    assert {*problem} == {"type", "title", "status", "detail"}
    assert (problem["status"], problem["type"].split(":")[:3]) == (refusal.status, ["urn", "shipledger", "problem"])
    assert ("retry-after" in answer.headers) is (refusal.status in AGAIN)


def test_reasons_differ_so_that_figures_tell_them_apart() -> None:
    assert len({each.reason for each in ALL}) == len(ALL) > 10


async def test_a_request_that_must_wait_gets_the_same_document_and_keeps_its_connection() -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await refuse_request({}, None, send)
    start, body = sent
    headers = dict(start["headers"])  # type: ignore[call-overload]  # pairs of bytes
    assert (start["status"], headers[b"content-type"], headers[b"retry-after"]) == (429, MEDIA_TYPE.encode(), b"1")
    assert json.loads(body["body"])["status"] == 429  # type: ignore[arg-type]  # bytes
