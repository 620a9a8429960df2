import httpx
import pytest

from schema.errors import SetUpError
from service.cli import settled
from service.client import Address, Client

URL = "http://service"


def figures(**rows: int) -> str:
    return "# HELP shipledger_rows Rows\n" + "\n".join(
        f'shipledger_rows{{state="{name.rpartition("_")[2]}",table="{name.rpartition("_")[0]}"}} {float(count)}'
        for name, count in rows.items()
    )


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the service's figures say, one answer a question; the last one stays."""
    reported: list[str] = []

    def get(url: str, **_: object) -> httpx.Response:
        text = reported.pop(0) if len(reported) > 1 else reported[0]
        return httpx.Response(200, text=text, request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)
    monkeypatch.setattr(settled, "PAUSE_SECONDS", 0.0)
    return reported


def client(*pending: int) -> Client:
    left = list(pending)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"pending": {"total": left.pop(0)}})

    return Client(Address(URL, "key"), transport=httpx.MockTransport(answer))


def test_it_waits_for_rows_and_then_for_what_is_pending(answers: list[str]) -> None:
    answers += [figures(delivery_waiting=3, token_event_waiting=4), figures(settlement_waiting=1), figures()]
    heard: list[int] = []
    settled.wait_until_settled(client(5, 0), URL, 10, heard.append)
    assert heard == [7, 1, 0, 0]


def test_rows_that_were_given_up_end_the_wait(answers: list[str]) -> None:
    answers.append(figures(delivery_dead=2, delivery_waiting=1))
    with pytest.raises(SetUpError, match="dead-letters list"):
        settled.wait_until_settled(client(), URL, 10, lambda _: None)


def test_a_wait_without_progress_ends(answers: list[str]) -> None:
    answers.append(figures(delivery_waiting=1))
    with pytest.raises(SetUpError, match="start one with: shipledger worker"):
        settled.wait_until_settled(client(), URL, 0.05, lambda _: None)
