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


def client(answers: list[str], *pending: int) -> Client:
    """A client of a service whose figures are `answers`, one a question; the last one stays."""
    left = list(pending)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/metrics":
            return httpx.Response(200, json={"pending": {"total": left.pop(0)}})
        if not answers:
            return httpx.Response(404)
        return httpx.Response(200, text=answers.pop(0) if len(answers) > 1 else answers[0])

    return Client(Address(URL, "key"), transport=httpx.MockTransport(answer))


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "PAUSE_SECONDS", 0.0)


def test_it_waits_for_rows_and_then_for_what_is_pending() -> None:
    answers = [figures(delivery_waiting=3, token_event_waiting=4), figures(settlement_waiting=1), figures()]
    heard: list[int] = []
    settled.wait_until_settled(client(answers, 5, 0), 10, heard.append)
    assert heard == [7, 1, 0, 0]


def test_rows_that_were_given_up_end_the_wait() -> None:
    answers = [figures(delivery_dead=2, delivery_waiting=1)]
    with pytest.raises(SetUpError, match="dead-letters list"):
        settled.wait_until_settled(client(answers), 10, lambda _: None)


def test_a_wait_without_progress_ends() -> None:
    answers = [figures(delivery_waiting=1)]
    with pytest.raises(SetUpError, match="start one with: shipledger worker"):
        settled.wait_until_settled(client(answers), 0.05, lambda _: None)


def test_a_service_that_hides_its_figures_is_settled_once_nothing_is_pending() -> None:
    settled.wait_until_settled(client([], 5, 0), 10, lambda _: None)
