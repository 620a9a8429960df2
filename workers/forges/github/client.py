"""The GitHub client over PyGithub: repositories by REST, their contents by GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from github import Auth, GithubException
from requests import RequestException

from schema.kinds import BackfillStage
from workers.forge_access.errors import ForgeError, ForgeUnavailableError, RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.model import Facts
from workers.forge_events.reading import Envelope, Json, instant, items, mapping, newest, text, whole
from workers.forges.code import GithubCode
from workers.forges.github.answers import (
    read_pull_request,
    read_release_node,
    read_tag_node,
    repository_payload,
    tag_time,
)
from workers.forges.github.history import GithubHistory
from workers.forges.github.installation_auth import InstallationAuth, with_renewal
from workers.forges.github.queries import (
    PARTS,
    PULL_REQUEST_PAGE,
    RELEASE_PAGE,
    TAG_PAGE,
    Rest,
    pull_requests_query,
    rest_query,
)
from workers.forges.github.session import open_github, refused
from workers.forges.pages import FactPage, Reader, RepositoryPage, read_all
from workers.forges.teams import GithubTeams
from workers.forges.transport import Transport

REPOSITORIES = 100
NOT_FOUND = 404
FORBIDDEN = 403
CLOSED = {"FORBIDDEN", "NOT_FOUND"}
# For teams, any of these means a missing App permission or token scope.
MAY_NOT = {"FORBIDDEN", "INSUFFICIENT_SCOPES"}


class GithubClient:
    """A ForgeClient for one GitHub connection."""

    def __init__(self, transport: Transport, url: str, auth: Auth.Auth, envelope: Envelope) -> None:
        self._transport, self._envelope, self._auth = transport, envelope, auth
        self._github = open_github(transport, url, auth)
        self.history = GithubHistory(self._get, self._post, self._query)
        self.code = GithubCode(self._query, self._get)
        self.teams = GithubTeams(self._organization, self._query)

    def repositories(self, cursor: str | None) -> RepositoryPage:
        """List repositories that the token or installation can access, a hundred per page."""
        number = int(cursor or 1)
        parameters = {"per_page": str(REPOSITORIES), "page": str(number)}
        if isinstance(self._auth, InstallationAuth):
            answer = self._get("/installation/repositories", parameters)
            found = items(answer if isinstance(answer, Mapping) else {}, "repositories")
        else:
            found = items({"found": self._get("/user/repos", {**parameters, "sort": "full_name"})}, "found")
        listed = [_listed(each) for each in found]
        return RepositoryPage(listed, str(number + 1) if len(listed) == REPOSITORIES else None)

    def find(self, path: str) -> Listed:
        """Return a repository by name; raises RefusedError if the token cannot access it."""
        return _listed(mapping({"found": self._get(f"/repos/{path}", {})}, "found"))

    def count(self, repository: Listed, since: datetime) -> int:  # noqa: ARG002 - GitHub only counts all
        """Return the number of pull requests in the repository."""
        answer = self._query(repository, PULL_REQUEST_PAGE, first=1, after=None)
        return whole(mapping(answer, "pullRequests"), "totalCount") or 0

    def page(self, repository: Listed, stage: BackfillStage, cursor: str | None, since: datetime) -> FactPage:
        """Return one page, newest first; it ends where items are older than `since`."""
        if stage is BackfillStage.RELEASES:
            return self._releases(repository, cursor, since)
        if stage is BackfillStage.TAGS:
            return self._tags(repository, cursor, since)
        size = self._transport.page_size
        try:
            answer = self._query(repository, PULL_REQUEST_PAGE, first=size.now, after=cursor)
        except ForgeUnavailableError:
            size.failed()
            raise
        size.succeeded()
        within = [node for node in _nodes(answer, "pullRequests") if _at(node, "updatedAt", since) >= since]
        return self._page(answer, "pullRequests", self._whole(repository, within), read_pull_request)

    def pull_requests(self, repository: Listed, numbers: Sequence[int]) -> list[Facts]:
        """Fetch pull requests in one request, plus more for those that exceed a page."""
        query, variables = pull_requests_query(numbers)
        answer = self._query(repository, query, **variables)
        nodes = [node for each in numbers if (node := mapping(answer, f"item_{each}"))]
        whole_nodes = self._whole(repository, nodes)
        return read_all(read_pull_request, whole_nodes, repository_payload(answer), self._envelope)

    def _releases(self, repository: Listed, cursor: str | None, since: datetime) -> FactPage:
        answer = self._query(repository, RELEASE_PAGE, after=cursor)
        within = [node for node in _nodes(answer, "releases") if _at(node, "createdAt", since) >= since]
        return self._page(answer, "releases", within, read_release_node)

    def _tags(self, repository: Listed, cursor: str | None, since: datetime) -> FactPage:
        answer = self._query(repository, TAG_PAGE, after=cursor)
        within = [node for node in _nodes(answer, "refs") if (tag_time(node) or since) >= since]
        return self._page(answer, "refs", within, read_tag_node)

    def _page(self, answer: Json, key: str, within: list[Json], read: Reader) -> FactPage:
        """Return the items within the time span; continue only if all of the page was within it."""
        payload, information = repository_payload(answer), mapping(answer, key, "pageInfo")
        has_more = bool(information.get("hasNextPage")) and len(within) == len(_nodes(answer, key))
        cursor = information.get("endCursor") if has_more else None
        facts = read_all(read, within, payload, self._envelope)
        return FactPage(facts, str(cursor) if cursor else None, len(within), whole(mapping(answer, key), "totalCount"))

    def _whole(self, repository: Listed, nodes: list[Json]) -> list[Json]:
        """Complete pull requests with the commits and reviews beyond their first page, for all at once."""
        found = [dict(node) for node in nodes]
        by_number = {whole(node, "number"): node for node in found}
        rests = [rest for node in found for part in PARTS for rest in _rest(whole(node, "number"), part, node)]
        while rests:
            query, variables = rest_query(rests)
            answer = self._query(repository, query, **variables)
            following = []
            for rest in rests:
                more = mapping(answer, rest.alias)
                node = by_number[rest.number]
                node[rest.part] = {
                    "nodes": [*items(node[rest.part], "nodes"), *items(mapping(more, rest.part), "nodes")]
                }
                following += _rest(rest.number, rest.part, more)
            rests = following
        return list(found)

    def _query(self, repository: Listed, query: str, **variables: Any) -> Json:
        """Return the repository from a GraphQL answer."""
        owner, _, name = repository.path.partition("/")
        return self._graphql("repository", query, {"owner": owner, "name": name, **variables})

    def _organization(self, login: str, query: str, **variables: Any) -> Json | None:
        """Return the organization from a GraphQL answer; None for a user account or a missing one."""
        try:
            return self._graphql("organization", query, {"login": login, **variables})
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def _graphql(self, root: str, query: str, variables: dict[str, Any]) -> Json:
        """Return what is under the root of a GraphQL answer."""
        answer: Json
        try:
            _, answer = with_renewal(self._auth, lambda: self._github.requester.graphql_query(query, variables))
        except GithubException as error:
            # The exception quotes the answer, which may contain names of people.
            answer = self._usable(error, root)
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        found = mapping(answer, "data", root)
        if not found:
            raise RefusedError(NOT_FOUND)
        return found

    def _usable(self, error: GithubException, root: str) -> Json:
        """Return an answer whose errors only concern what the token cannot access; raises ForgeError for others."""
        answer = error.data if isinstance(error.data, Mapping) else {}
        types = {text(each, "type") for each in items(answer, "errors")}
        if "RATE_LIMITED" in types:
            raise self._transport.limit_reported("graphql") from None
        if types == {None}:
            raise self._transport.failure_reported() from None
        if root == "organization" and types & MAY_NOT:
            raise refused(error, FORBIDDEN) from None
        if types and types <= CLOSED and mapping(answer, "data", root):
            return answer
        raise refused(error, NOT_FOUND if "NOT_FOUND" in types else None) from None

    def _get(self, path: str, parameters: dict[str, str]) -> Any:
        return self._rest("GET", path, parameters=parameters)

    def _post(self, path: str, body: dict[str, str]) -> Any:
        return self._rest("POST", path, input=body)

    def _rest(self, verb: str, path: str, **options: Any) -> Any:
        requester = self._github.requester
        try:
            _, answer = with_renewal(self._auth, lambda: requester.requestJsonAndCheck(verb, path, **options))
        except GithubException as error:
            raise refused(error) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return answer


def _listed(answer: Json) -> Listed:
    forge_id, path = whole(answer, "id"), answer.get("full_name")
    if forge_id is None or not isinstance(path, str):
        raise RefusedError(NOT_FOUND)
    return Listed(forge_id, path, newest(instant(answer, "pushed_at"), instant(answer, "updated_at")))


def _rest(number: int | None, part: str, node: Json) -> list[Rest]:
    """Return the rest of a part, if any."""
    information = mapping(node, part, "pageInfo")
    after = information.get("endCursor") if information.get("hasNextPage") else None
    return [Rest(number, part, after)] if number is not None and isinstance(after, str) else []


def _nodes(answer: Json, key: str) -> list[Json]:
    return items(mapping(answer, key), "nodes")


def _at(node: Json, key: str, default: datetime) -> datetime:
    return instant(node, key) or default
