"""Which facts may be stored together: those that agree on what each repository is called."""

from datetime import UTC, datetime

from schema.identifiers import RepositoryName
from workers.facts.record import split_at_names
from workers.forge_events.model import NamingFacts, PushFacts, RepositoryFacts

AT = datetime(2026, 11, 20, tzinfo=UTC)


def push(name: str, forge_id: int | None) -> PushFacts:
    return PushFacts(RepositoryFacts(RepositoryName("github.com", name), forge_id, AT), "main", "a" * 40, AT, ())


def naming(name: str, forge_id: int) -> NamingFacts:
    return NamingFacts(RepositoryFacts(RepositoryName("github.com", name), forge_id, AT))


def test_facts_that_agree_on_names_are_stored_together() -> None:
    reported = [push("octo/shop", 1), push("octo/site", 2), push("octo/shop", 1), push("octo/old", None)]
    assert list(split_at_names(reported)) == [reported]
    assert list(split_at_names([])) == []


def test_a_new_name_of_a_repository_starts_a_new_batch() -> None:
    reported = [push("octo/shop", 1), push("octo/site", 2), push("octo/store", 1), push("octo/site", 2)]
    assert list(split_at_names(reported)) == [reported[:2], reported[2:]]


def test_a_name_reused_by_another_repository_starts_a_new_batch() -> None:
    reported = [push("octo/shop", 1), push("octo/shop", 3), push("octo/shop", None)]
    assert list(split_at_names(reported)) == [reported[:1], reported[1:2], reported[2:]]


def test_a_rename_is_a_batch_by_itself() -> None:
    reported = [push("octo/shop", 1), naming("octo/shop", 1), naming("octo/store", 1), push("octo/store", 1)]
    assert list(split_at_names(reported)) == [reported[:1], reported[1:2], reported[2:3], reported[3:]]
