"""What deliveries and backfills tell, stored all at once: as many statements for a hundred facts as for one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from schema.identifiers import RepositoryName
from workers.facts.pull_requests import record_pull_requests, store_queued
from workers.facts.pushes import EVER, Branch, assign_commits, store_pushes
from workers.facts.releases import store_releases
from workers.facts.repositories import find_repositories, store_naming
from workers.facts.scope import ForgeScope
from workers.forge_events.model import (
    NamingFacts,
    PullRequestFacts,
    PushFacts,
    QueueFacts,
    ReleaseFacts,
    RepositoryFacts,
)

ForgeFacts: TypeAlias = PullRequestFacts | PushFacts | QueueFacts | ReleaseFacts | NamingFacts


async def record_facts(scope: ForgeScope, reported: Sequence[ForgeFacts]) -> None:
    """Keep what one forge told, in the order in which it did as far as that matters.

    Pushes, pull requests and releases come out alike in any order; names of repositories are what must follow it.
    """
    for run in split_at_names(reported):
        match run:
            case [NamingFacts() as naming]:
                await store_naming(scope, naming)
            case _:
                await _store_run(scope, run)


async def _store_run(scope: ForgeScope, reported: Sequence[ForgeFacts]) -> None:
    await find_repositories(scope, repositories_of(reported))
    spans = await store_pushes(scope, [each for each in reported if isinstance(each, PushFacts)])
    if pull_requests := [each for each in reported if isinstance(each, PullRequestFacts)]:
        spans.add_all(await record_pull_requests(scope, pull_requests))
    await store_queued(scope, (each for each in reported if isinstance(each, QueueFacts)))
    if releases := [each for each in reported if isinstance(each, ReleaseFacts)]:
        await store_releases(scope, releases)
    for trunk in scope.changes.trunks:
        spans.add(Branch(*trunk), EVER)
    await assign_commits(scope, spans)


def repositories_of(reported: Iterable[ForgeFacts]) -> Iterator[RepositoryFacts]:
    """Every repository that facts speak of."""
    for facts in reported:
        yield facts.repository
        if isinstance(facts, PullRequestFacts) and facts.head_repository is not None:
            yield facts.head_repository


def split_at_names(reported: Iterable[ForgeFacts]) -> Iterator[list[ForgeFacts]]:
    """Runs in which each repository has one name and each name one repository; what renames one is a run of its own."""
    run: list[ForgeFacts] = []
    ids: dict[RepositoryName, int | None] = {}
    names: dict[tuple[str, int], RepositoryName] = {}
    for facts in reported:
        spoken_of = list(repositories_of([facts]))
        is_other = any(
            ids.get(each.name, each.forge_id) != each.forge_id
            or (each.forge_id is not None and names.get((each.name.host, each.forge_id), each.name) != each.name)
            for each in spoken_of
        )
        if run and (is_other or isinstance(facts, NamingFacts) or isinstance(run[0], NamingFacts)):
            yield run
            run, ids, names = [], {}, {}
        run.append(facts)
        ids.update((each.name, each.forge_id) for each in spoken_of)
        names.update(((each.name.host, each.forge_id), each.name) for each in spoken_of if each.forge_id is not None)
    if run:
        yield run
