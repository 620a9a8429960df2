"""In which folder a package of a monorepo lies, as a forge's files of a commit tell."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.harness.forges.backfills import Backfills
from tests.harness.forges.commit_graph import CommitGraph
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import Repository, sha
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from workers.forge_access.access import Access
from workers.forge_access.listed import Listed
from workers.forges.package_places import PackagePlaces

START = datetime(2026, 3, 2, tzinfo=UTC)
TREE = sha("tip")
FILES = {
    "package.json": '{\n  "name": "whole"\n}',
    "packages/errors/package.json": '{\n  "name": "@scope/errors",\n  "author": {"name": "CANARY-person"}\n}',
    "packages/odd/package.json": '{\n  "name": "@scope/called-otherwise"\n}',
    "services/errors/Cargo.toml": '[package]\nname = "server-errors"\n',
    "docs/guide/index.md": "CANARY-text",
}
Places = Callable[[Repository], PackagePlaces]


def shop(files: dict[str, str]) -> Repository:
    graph = CommitGraph()
    graph.add(TREE, START)
    return Repository(1, "octo/shop", START, graph=graph, files=files)


@pytest.fixture(params=["github", "gitlab"])
def places(
    request: pytest.FixtureRequest,
    backfills: Backfills,
    github_server: tuple[FakeGithub, str],
    gitlab_server: tuple[FakeGitlab, str],
) -> Places:
    fake, url = github_server if request.param == "github" else gitlab_server
    token = TOKEN if request.param == "github" else GITLAB_TOKEN
    client = backfills.context.forges.open(Access(uuid4(), request.param, "example.org", url, token), START)

    def serve(repository: Repository) -> PackagePlaces:
        fake.repositories = {repository.path: repository}
        return PackagePlaces(client.code, Listed(1, repository.path))

    return serve


async def find(places: PackagePlaces, package: str, *, is_explicit: bool = True) -> str | None:
    return await asyncio.to_thread(lambda: places.find(package, TREE, is_explicit=is_explicit))


async def test_manifests_say_where_packages_lie(places: Places) -> None:
    found = places(shop(FILES))
    assert await find(found, "@scope/errors") == "packages/errors"
    assert await find(found, "@scope/called-otherwise") == "packages/odd"
    assert await find(found, "server-errors") == "services/errors"


async def test_a_folder_without_a_manifest_needs_an_explicit_tag(places: Places) -> None:
    found = places(shop(FILES))
    assert await find(found, "guide") == "docs/guide"
    assert await find(found, "guide", is_explicit=False) is None
    assert await find(found, "gone") is None


async def test_trees_of_several_pages_are_read_whole(places: Places) -> None:
    many = {f"src/{number:03}.ts": str(number) for number in range(230)}
    assert await find(places(shop(many | FILES)), "@scope/errors") == "packages/errors"


async def test_the_files_of_a_commit_are_asked_for_once(places: Places, github_server: tuple[FakeGithub, str]) -> None:
    fake, _ = github_server
    found = places(shop(FILES))
    for package in ("@scope/errors", "server-errors", "@scope/errors"):
        await find(found, package)
    assert len([each for each in fake.requests if "/git/trees/" in each]) <= 1


async def test_a_tree_that_github_cuts_says_nothing(
    backfills: Backfills, github_server: tuple[FakeGithub, str]
) -> None:
    fake, url = github_server
    repository = shop(FILES)
    repository.is_cut = True
    fake.repositories = {repository.path: repository}
    client = backfills.context.forges.open(Access(uuid4(), "github", "example.org", url, TOKEN), START)
    assert await find(PackagePlaces(client.code, Listed(1, repository.path)), "@scope/errors") is None
