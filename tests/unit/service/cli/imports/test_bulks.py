import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from schema.contracts.release import ReleaseIn
from schema.errors import SetUpError
from service.cli.imports import bulks
from service.cli.imports.bulks import import_in_bulks
from service.client import Address, Client


class Service:
    """Accepts bulks, and shows of each import one state after the other; the last one stays."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self.states = list(states)
        self.received: list[int] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.received.append(len(json.loads(request.content)["items"]))
            return httpx.Response(202, json={"import_id": str(len(self.received))})
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        number = int(request.url.path.rpartition("/")[2])
        basis = {"received": self.received[number - 1], "new": 0, "changed": 0, "same": 0, "refused": 0}
        return httpx.Response(200, json={**basis, "failure": None, **state})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulks, "PAUSE_SECONDS", 0.0)


def send(service: Service, number: int, seconds: float = 60.0) -> dict[str, int]:
    items = [
        ReleaseIn(forge="github", repository="a/b", tag=f"v{each}", state="tag", released_at=datetime.now(UTC))
        for each in range(number)
    ]
    client = Client(Address("http://service", "key"), transport=httpx.MockTransport(service.answer))
    return dict(import_in_bulks(client, "/api/v1/releases", items, number, "releases", seconds=seconds))


def test_the_counts_are_those_of_all_imports_once_they_are_done() -> None:
    service = Service({"state": "received"}, {"state": "processing"}, {"state": "done", "new": 3, "changed": 1})
    assert send(service, 501) == {"received": 501, "changed": 8}
    assert service.received == [500, 1]


def test_refused_items_are_counted_where_there_are_any() -> None:
    assert send(Service({"state": "done", "new": 1, "refused": 1}), 2) == {"received": 2, "changed": 1, "refused": 1}


def test_nothing_to_send_counts_nothing() -> None:
    assert send(Service({"state": "done"}), 0) == {"received": 0, "changed": 0}


def test_a_failed_import_ends_the_command_with_the_remedy() -> None:
    service = Service({"state": "failed", "failure": "Run: shipledger dead-letters replay delivery:7"})
    with pytest.raises(SetUpError, match="replay delivery:7"):
        send(service, 1)


def test_an_import_that_no_worker_records_names_the_command_that_starts_one() -> None:
    with pytest.raises(SetUpError, match=r"still received.*shipledger worker"):
        send(Service({"state": "received"}), 1, seconds=0.0)
