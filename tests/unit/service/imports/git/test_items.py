from datetime import UTC, datetime, timedelta

import msgspec

from schema.contracts.pull_request import MAXIMUM_COMMITS, MAXIMUM_REVERTS, PullRequestBatch
from schema.contracts.release import ReleaseBatch
from schema.identifiers import RepositoryName
from service.contracts.token_event import TokensIn
from service.imports.git.history import MergedPullRequest
from service.imports.git.items import BULK_BYTES, BULK_ITEMS, in_bulks, pull_request_item, release_item
from service.imports.git.log import Commit, Tag
from service.imports.git.releases import TaggedRelease
from vocabulary.merge_messages import MergedNumber

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NAME = RepositoryName("github.com", "octo-org/octo-repo")
MERGE = Commit("e" * 40, ("a" * 40, "b" * 40), AT, AT)


def merged(head_branch: str | None = "feature/log-in", commits: int = 1) -> MergedPullRequest:
    work = tuple(Commit(f"{hour:040x}", (), AT - timedelta(hours=commits - hour), AT) for hour in range(commits))
    return MergedPullRequest(MergedNumber(7, head_branch), "main", MERGE, work, squashed=False)


def test_a_pull_request_goes_out_as_the_contract_takes_it() -> None:
    sent = msgspec.json.encode({"items": [pull_request_item("github", NAME, merged())]})
    (item,) = msgspec.json.decode(sent, type=PullRequestBatch).items
    assert (item.repository, item.number, item.state) == ("github.com/octo-org/octo-repo", 7, "merged")
    assert (item.opened_at, item.merged_at, item.as_of) == (AT - timedelta(hours=1), AT, AT)
    assert (item.head_branch, item.base_branch, item.merge_commit) == ("feature/log-in", "main", "e" * 40)
    assert [commit.sha for commit in item.commits] == [f"{0:040x}"]


def test_what_a_pull_request_takes_back_goes_out_with_it() -> None:
    assert pull_request_item("github", NAME, merged(), [3, 5]).reverts == [3, 5]
    assert len(pull_request_item("github", NAME, merged(), range(1, 10 * MAXIMUM_REVERTS)).reverts) == MAXIMUM_REVERTS


def test_a_forks_main_is_not_a_branch_of_this_repository() -> None:
    assert pull_request_item("github", NAME, merged("main")).head_branch is None
    assert pull_request_item("github", NAME, merged(None)).head_branch is None


def test_of_too_many_commits_the_newest_are_sent() -> None:
    commits = pull_request_item("github", NAME, merged(commits=MAXIMUM_COMMITS + 1)).commits
    assert len(commits) == MAXIMUM_COMMITS
    assert commits[-1].sha == f"{MAXIMUM_COMMITS:040x}"


def test_a_release_goes_out_as_the_contract_takes_it() -> None:
    release = TaggedRelease(Tag("v1.0", "e" * 40, AT), (7, 8))
    sent = msgspec.json.encode({"items": [release_item("github", NAME, release)]})
    (item,) = msgspec.json.decode(sent, type=ReleaseBatch).items
    assert (item.tag, item.state, item.released_at, item.commit) == ("v1.0", "tag", AT, "e" * 40)
    assert item.pull_requests == [7, 8]


def test_bulks_keep_order_and_their_limit_of_items() -> None:
    items = [TokensIn(input_uncached=number) for number in range(2 * BULK_ITEMS + 1)]
    bulks = list(in_bulks(items))
    assert [len(bulk) for bulk in bulks] == [BULK_ITEMS, BULK_ITEMS, 1]
    sent = [msgspec.json.decode(raw, type=TokensIn) for bulk in bulks for raw in bulk]
    assert sent == items
    assert list(in_bulks([])) == []


def test_bulks_keep_their_limit_of_bytes() -> None:
    large = pull_request_item("github", NAME, merged(commits=MAXIMUM_COMMITS))
    bulks = list(in_bulks([large] * 9))
    sizes = [sum(len(bytes(raw)) for raw in bulk) for bulk in bulks]
    assert sum(len(bulk) for bulk in bulks) == 9
    assert len(bulks) > 1
    assert max(sizes) <= BULK_BYTES
