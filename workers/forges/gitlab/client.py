"""The GitLab client over python-gitlab, by REST."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gitlab import GitlabList

from schema.kinds import BackfillStage
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.model import Facts
from workers.forge_events.reading import Envelope, Json, instant, whole
from workers.forges.code import GitlabCode
from workers.forges.gitlab.answers import COMMITS, NOTES, read_merge_request, read_release_node, read_tag_node
from workers.forges.gitlab.history import GitlabHistory
from workers.forges.gitlab.session import call, open_gitlab
from workers.forges.pages import FactPage, Reader, RepositoryPage, read_all
from workers.forges.response_cache import NO_STORE
from workers.forges.teams import GitlabTeams
from workers.forges.transport import Transport

PAGE = 100
# Each needs two more requests, and a page should be complete within seconds.
MERGE_REQUESTS = 20
NOT_FOUND = 404


class GitlabClient:
    """A ForgeClient for one GitLab connection."""

    def __init__(self, transport: Transport, base_url: str, token: str, envelope: Envelope) -> None:
        self._envelope = envelope
        self._projects: dict[int, Json | None] = {}
        self.history = GitlabHistory(self._get, self._list)
        self.code = GitlabCode(self._get, self._all, self._list, self._get_uncached)
        self.teams = GitlabTeams(self._all_uncached)
        self._gitlab = open_gitlab(transport, base_url, token)

    def repositories(self, cursor: str | None) -> RepositoryPage:
        """List projects that the token's owner is a member of, a hundred per page."""
        query = {"membership": True, "simple": True, "order_by": "id", "sort": "asc", "id_after": int(cursor or 0)}
        answer = self._list("/projects", query)
        listed = [_listed(each) for each in answer]
        return RepositoryPage(listed, str(listed[-1].forge_id) if len(listed) == PAGE else None)

    def find(self, path: str) -> Listed:
        """Return a project by path; raises RefusedError if the token cannot access it."""
        return _listed(self._get(f"/projects/{path.replace('/', '%2F')}"))

    def count(self, repository: Listed, since: datetime) -> int:
        """Return the number of merge requests that changed since an instant."""
        query = {"scope": "all", "updated_after": since.isoformat()}
        path = f"/projects/{repository.forge_id}/merge_requests"
        counted = call(lambda: self._gitlab.http_list(path, query, iterator=True, per_page=1))
        return counted.total or 0 if isinstance(counted, GitlabList) else 0

    def page(self, repository: Listed, stage: BackfillStage, cursor: str | None, since: datetime) -> FactPage:
        """Return one page; merge requests are ordered by change, so that none is missed meanwhile."""
        match stage:
            case BackfillStage.PULL_REQUESTS:
                return self._merge_requests(repository, cursor, since)
            case BackfillStage.CHANGED_MEANWHILE:
                return FactPage([], None, 0)
            case BackfillStage.RELEASES:
                return self._dated(repository, "releases", "released_at", read_release_node, cursor, since)
            case _:
                return self._dated(repository, "repository/tags", "updated", read_tag_node, cursor, since)

    def pull_requests(self, repository: Listed, numbers: Sequence[int]) -> list[Facts]:
        """Fetch merge requests, three requests each."""
        path = f"/projects/{repository.forge_id}/merge_requests"
        answer = [node for each in numbers if (node := self._merge_request(path, each))]
        project = self._project(repository.forge_id) or {}
        return read_all(read_merge_request, (self._whole(path, node) for node in answer), project, self._envelope)

    def _merge_request(self, path: str, number: int) -> Json | None:
        try:
            return self._get(f"{path}/{number}")
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def _merge_requests(self, repository: Listed, cursor: str | None, since: datetime) -> FactPage:
        """List merge requests; the cursor is the newest change seen and a page number within that instant."""
        after_text, _, number = (cursor or f"{since.isoformat()} 1").partition(" ")
        after = datetime.fromisoformat(after_text)
        query = {"scope": "all", "order_by": "updated_at", "sort": "asc", "updated_after": after_text}
        path = f"/projects/{repository.forge_id}/merge_requests"
        answer = self._list(path, query, page=int(number), size=MERGE_REQUESTS)
        project = self._project(repository.forge_id) or {}
        facts = read_all(read_merge_request, (self._whole(path, node) for node in answer), project, self._envelope)
        new = [node for node in answer if cursor is None or _changed_at(node) > after or number != "1"]
        if len(answer) < MERGE_REQUESTS:
            return FactPage(facts, None, len(new))
        newest = _changed_at(answer[-1])
        following = f"{newest.isoformat()} 1" if newest > after else f"{after_text} {int(number) + 1}"
        return FactPage(facts, following, len(new))

    def _whole(self, path: str, node: Json) -> Json:
        """Return a merge request with its commits, its comments, and the source project of a fork."""
        own = f"{path}/{node.get('iid')}"
        source_id = whole(node, "source_project_id")
        is_fork = source_id is not None and source_id != whole(node, "target_project_id")
        return {
            **node,
            COMMITS: self._all(f"{own}/commits"),
            NOTES: self._all(f"{own}/notes") if node.get("user_notes_count") != 0 else [],
            "source": self._project(source_id) if is_fork and source_id else None,
        }

    def _dated(
        self, repository: Listed, what: str, order: str, read: Reader, cursor: str | None, since: datetime
    ) -> FactPage:
        """Return a page of releases or tags, newest first; it ends where they are older than `since`."""
        number = int(cursor or 1)
        path = f"/projects/{repository.forge_id}/{what}"
        answer = self._list(path, {"order_by": order, "sort": "desc"}, page=number)
        project = self._project(repository.forge_id) or {}
        facts = [
            each
            for each in read_all(read, answer, project, self._envelope)
            if (getattr(each, "released_at", None) or since) >= since
        ]
        is_all = len(answer) == PAGE and len(facts) == len(answer)
        return FactPage(facts, str(number + 1) if is_all else None, len(facts))

    def _project(self, number: int) -> Json | None:
        """Return a project, cached; None when it is gone or the token cannot access it."""
        if number not in self._projects:
            try:
                self._projects[number] = self._get(f"/projects/{number}")
            except RefusedError as error:
                if error.status != NOT_FOUND:
                    raise
                self._projects[number] = None
        return self._projects[number]

    def _all_uncached(self, path: str, query: Mapping[str, Any]) -> list[Json]:
        """List answers that contain people, which must not be cached."""
        return self._all(path, query, {"Cache-Control": NO_STORE})

    def _all(
        self, path: str, query: Mapping[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> list[Json]:
        found: list[Json] = []
        number = 1
        while True:
            answer = self._list(path, dict(query or {}), page=number, headers=headers)
            found += answer
            number += 1
            if len(answer) < PAGE:
                return found

    def _list(
        self,
        path: str,
        query: dict[str, Any],
        page: int = 1,
        size: int = PAGE,
        headers: dict[str, str] | None = None,
    ) -> list[Json]:
        answer = call(
            lambda: self._gitlab.http_list(path, query, page=page, per_page=size, get_all=False, extra_headers=headers)
        )
        return [each for each in answer if isinstance(each, Mapping)]

    def _get_uncached(self, path: str) -> Json:
        """Return an answer that may contain people, which must not be cached."""
        return self._get(path, headers={"Cache-Control": NO_STORE})

    def _get(self, path: str, query: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Json:
        answer = call(lambda: self._gitlab.http_get(path, query, extra_headers=headers))
        if not isinstance(answer, Mapping):
            raise RefusedError(NOT_FOUND)
        return answer


def _listed(answer: Json) -> Listed:
    forge_id, path = whole(answer, "id"), answer.get("path_with_namespace")
    if forge_id is None or not isinstance(path, str):
        raise RefusedError(NOT_FOUND)
    return Listed(forge_id, path, instant(answer, "last_activity_at"))


def _changed_at(node: Json) -> datetime:
    return instant(node, "updated_at") or datetime.min.replace(tzinfo=UTC)
