"""REST endpoints of a fake GitHub for commits: comparisons, histories, and generated release notes."""

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from tests.harness.forges import github_whole
from tests.harness.forges.commit_graph import CommitGraph
from tests.harness.forges.github_state import Repository, blob_id, sha, written

if TYPE_CHECKING:
    from tests.harness.forges.github import FakeGithub

# The number of commits in a comparison without pages.
UNPAGED = 250

AnyRequest = Request[Any, Any, Any]


def handlers(fake: "FakeGithub") -> list[Any]:
    """Return the routes below `/repos/{owner}/{name}`."""
    path = "/api/v3/repos/{owner:str}/{name:str}"

    def find(request: AnyRequest, owner: str, name: str) -> Repository | Response[Any]:
        if (refusal := fake.enter(request, "core")) is not None:
            return refusal
        found = fake.reached(request).get(f"{owner}/{name}")
        return found if found and found.graph else Response({"message": "Not Found CANARY"}, status_code=404)

    @get(f"{path}/compare/{{ends:str}}")
    async def compare(request: AnyRequest, owner: str, name: str, ends: str) -> Response[Any]:
        found = find(request, owner, name)
        return found if isinstance(found, Response) else fake.answer(request, _comparison(found, ends, request))

    @get(f"{path}/commits")
    async def commits(request: AnyRequest, owner: str, name: str) -> Response[Any]:
        found = find(request, owner, name)
        if isinstance(found, Response):
            return found
        graph = _graph(found)
        listed = graph.between(None, request.query_params["sha"])[::-1]
        return fake.answer(request, [_commit(found, each) for each in _page(listed, request)])

    @post(f"{path}/releases/generate-notes", status_code=200)
    async def notes(request: AnyRequest, owner: str, name: str) -> Response[Any]:
        found = find(request, owner, name)
        reported = await request.json()
        if isinstance(found, Response):
            return found
        if not fake.may_write_contents:
            return Response({"message": "Resource not accessible by integration"}, status_code=403)
        return Response(_notes(found, reported["tag_name"], reported.get("previous_tag_name")))

    @get(f"{path}/git/trees/{{commit:str}}")
    async def tree(request: AnyRequest, owner: str, name: str, commit: str) -> Response[Any]:
        found = find(request, owner, name)
        return found if isinstance(found, Response) else fake.answer(request, _tree(found, commit, request))

    return [compare, commits, notes, tree]


def _tree(found: Repository, commit: str, request: AnyRequest) -> dict[str, Any]:
    assert commit in _graph(found).made_at
    assert request.query_params["recursive"] == "1"
    url = f"{github_whole.API}/repos/{found.path}/git"
    folders = {path.rpartition("/")[0] for path in found.files if "/" in path}
    entries = [
        *({"path": each, "mode": "040000", "type": "tree", "sha": sha(each)} for each in sorted(folders)),
        *(
            {
                "path": each,
                "mode": "100644",
                "type": "blob",
                "size": len(content),
                "sha": blob_id(content),
                "url": f"{url}/blobs/{blob_id(content)}",
            }
            for each, content in sorted(found.files.items())
        ),
    ]
    return {"sha": commit, "url": f"{url}/trees/{commit}", "tree": entries, "truncated": found.is_cut}


def _comparison(found: Repository, ends: str, request: AnyRequest) -> dict[str, Any]:
    graph = _graph(found)
    base, _, head = ends.partition("...")
    status = graph.status(base, head)
    between = graph.between(base, head)
    shown = _page(between, request) if "page" in request.query_params else between[-UNPAGED:]
    files = [github_whole.changed_file(found.path, head)] if request.query_params.get("page", "1") == "1" else []
    page = f"{github_whole.SITE}/{found.path}/compare/{ends}"
    return {
        "url": f"{github_whole.API}/repos/{found.path}/compare/{ends}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": _commit(found, base),
        "merge_base_commit": _commit(found, graph.common([base, head]) or base),
        "status": status,
        "ahead_by": len(between),
        "behind_by": len(graph.between(head, base)),
        "total_commits": len(between),
        "commits": [_commit(found, each) for each in shown],
        "files": files,
    }


def _notes(found: Repository, tag: str, previous: str | None) -> dict[str, Any]:
    """Return notes, as GitHub writes them, about the pull requests merged between two tags."""
    graph = _graph(found)
    between = graph.between(graph.tags[previous] if previous else None, graph.tags[tag])
    lines = [
        f"* CANARY-title by @CANARY-login in https://github.com/{found.path}/pull/{graph.merges[each]}"
        for each in between
        if each in graph.merges
    ]
    return {"name": tag, "body": "\n".join(["## What's Changed", *lines])}


def _commit(found: Repository, reported: str) -> dict[str, Any]:
    graph = _graph(found)
    return github_whole.commit(found.path, reported, written(graph.made_at[reported]), list(graph.parents[reported]))


def _page(listed: list[str], request: AnyRequest) -> list[str]:
    size, number = int(request.query_params["per_page"]), int(request.query_params["page"])
    assert size <= 100, "GitHub returns at most 100"
    return listed[size * (number - 1) : size * number]


def _graph(found: Repository) -> CommitGraph:
    assert found.graph is not None, "the repository must have commits"
    return found.graph
