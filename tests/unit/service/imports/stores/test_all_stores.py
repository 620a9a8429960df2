from pathlib import Path

import pytest

from service.imports.stores.problems import Problems
from service.imports.stores.registry import STORES
from service.imports.stores.stored_request import token_event
from service.imports.transcripts.folder_repositories import Repositories
from tests.harness.stores.agents_day import OF_AGENT, write_day
from tests.unit.service.imports.stores.conftest import Read
from vocabulary.tokens import sum_tokens


@pytest.mark.parametrize("name", STORES)
def test_the_totals_of_a_day_are_exact(name: str, home: Path, read: Read, problems: Problems) -> None:
    write_day(home, sessions=3, requests=4)

    requests = read(name)

    assert sum_tokens(each.tokens for each in requests) == sum_tokens([OF_AGENT[name]] * 12)
    assert len({each.session for each in requests}) == 3
    assert not problems.places


@pytest.mark.parametrize("name", STORES)
def test_event_ids_stay_the_same(name: str, home: Path, read: Read) -> None:
    write_day(home)

    assert [each.event_id for each in read(name)] == [each.event_id for each in read(name)]


@pytest.mark.parametrize("name", STORES)
def test_every_request_names_its_model_and_provider(name: str, home: Path, read: Read) -> None:
    write_day(home, sessions=1, requests=1)

    (request,) = read(name)
    event = token_event(request, Repositories(), None)

    assert event.model
    assert event.provider


@pytest.mark.parametrize("name", STORES)
def test_nothing_that_people_wrote_is_sent(name: str, home: Path, read: Read) -> None:
    write_day(home)

    events = [token_event(request, Repositories(), None) for request in read(name)]

    assert events
    assert "CANARY" not in repr(events)


@pytest.mark.parametrize("name", STORES)
def test_a_machine_without_the_agent_has_no_files(name: str, home: Path) -> None:
    assert STORES[name].find(None) == []
    assert home.is_dir()


@pytest.mark.parametrize("name", STORES)
def test_broken_files_are_counted_and_nothing_else(name: str, home: Path, read: Read, problems: Problems) -> None:
    write_day(home, sessions=1)
    for file in STORES[name].find(None):
        file.path.write_bytes(b'{"usageMetadata" "usage.record" "token_count" \xff broken')

    assert read(name) == []
    assert problems.broken_records + problems.unreadable_files > 0 or name in {"amp", "copilot"}
