"""Records facts in bulk: a hundred facts need as many statements as one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from schema.identifiers import RepositoryName
from workers.facts.landings import store_landings
from workers.facts.pull_requests import record_landed, record_pull_requests, store_queued
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
    """Record the facts of one forge, in their order where it matters.

    Pushes, pull requests and releases give the same result in any order; names of repositories must stay in order.
    """
    for run in split_at_names(reported):
        match run:
            case [NamingFacts() as naming]:
                await store_naming(scope, naming)
            case _:
                await _store_run(scope, run)


async def _store_run(scope: ForgeScope, reported: Sequence[ForgeFacts]) -> None:
    await find_repositories(scope, repositories_of(reported))
    pushes = [each for each in reported if isinstance(each, PushFacts)]
    spans = await store_pushes(scope, pushes)
    landed = await store_landings(scope, pushes)
    if pull_requests := [each for each in reported if isinstance(each, PullRequestFacts)]:
        spans.add_all(await record_pull_requests(scope, pull_requests))
    spans.add_all(await record_landed(scope, landed))
    await store_queued(scope, (each for each in reported if isinstance(each, QueueFacts)))
    if releases := [each for each in reported if isinstance(each, ReleaseFacts)]:
        await store_releases(scope, releases)
    for trunk in scope.changes.trunks:
        spans.add(Branch(*trunk), EVER)
    await assign_commits(scope, spans)


def repositories_of(reported: Iterable[ForgeFacts]) -> Iterator[RepositoryFacts]:
    """Yield every repository in the facts."""
    for facts in reported:
        yield facts.repository
        if isinstance(facts, PullRequestFacts) and facts.head_repository is not None:
            yield facts.head_repository


def split_at_names(reported: Iterable[ForgeFacts]) -> Iterator[list[ForgeFacts]]:
    """Split into runs in which repositories and names match one to one; a renaming is its own run."""
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
