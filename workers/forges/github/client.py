"""GitHub through PyGithub: repositories by REST, everything of a repository by GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from github import Auth, GithubException
from requests import RequestException

from schema.kinds import BackfillStage
from workers.facts.model import Facts
from workers.forge_events.reading import Envelope, Json, instant, items, mapping, newest, text, whole
from workers.forges.code import GithubCode
from workers.forges.errors import ForgeAwayError, ForgeError, RefusedError
from workers.forges.github.answers import (
    read_pull_request,
    read_release_node,
    read_tag_node,
    repository_payload,
    tag_time,
)
from workers.forges.github.history import GithubHistory
from workers.forges.github.installation_auth import InstallationAuth, renewing
from workers.forges.github.queries import (
    PARTS,
    PULL_REQUEST_PAGE,
    RELEASE_PAGE,
    TAG_PAGE,
    Rest,
    pull_requests_query,
    rest_query,
)
from workers.forges.github.session import open_github
from workers.forges.listed import Listed
from workers.forges.pages import FactPage, Reader, RepositoryPage, understood
from workers.forges.teams import GithubTeams
from workers.forges.transport import Line

REPOSITORIES = 100
NOT_FOUND = 404
FORBIDDEN = 403
CLOSED = {"FORBIDDEN", "NOT_FOUND"}
# Of teams nothing is told by half: an App without the permission, or a token without the scope.
MAY_NOT = {"FORBIDDEN", "INSUFFICIENT_SCOPES"}


class GithubClient:
    """One connection's view of GitHub; a ForgeClient."""

    def __init__(self, line: Line, url: str, auth: Auth.Auth, envelope: Envelope) -> None:
        self._line, self._envelope, self._auth = line, envelope, auth
        self._github = open_github(line, url, auth)
        self.history = GithubHistory(self._get, self._post, self._query)
        self.code = GithubCode(self._query)
        self.teams = GithubTeams(self._organization, self._query)

    def repositories(self, cursor: str | None) -> RepositoryPage:
        """Repositories that the token reaches, or the installation was given, a hundred a page."""
        number = int(cursor or 1)
        parameters = {"per_page": str(REPOSITORIES), "page": str(number)}
        if isinstance(self._auth, InstallationAuth):
            reported = self._get("/installation/repositories", parameters)
            found = items(reported if isinstance(reported, Mapping) else {}, "repositories")
        else:
            found = items({"found": self._get("/user/repos", {**parameters, "sort": "full_name"})}, "found")
        listed = [_listed(each) for each in found]
        return RepositoryPage(listed, str(number + 1) if len(listed) == REPOSITORIES else None)

    def find(self, path: str) -> Listed:
        """One repository by its name; raises RefusedError when there is none that the token reaches."""
        return _listed(mapping({"found": self._get(f"/repos/{path}", {})}, "found"))

    def count(self, repository: Listed, since: datetime) -> int:  # noqa: ARG002 - GitHub counts them all only
        """How many pull requests the repository has."""
        reported = self._query(repository, PULL_REQUEST_PAGE, first=1, after=None)
        return whole(mapping(reported, "pullRequests"), "totalCount") or 0

    def page(self, repository: Listed, stage: BackfillStage, cursor: str | None, since: datetime) -> FactPage:
        """One page, newest first, that ends where things are older than `since`."""
        if stage is BackfillStage.RELEASES:
            return self._releases(repository, cursor, since)
        if stage is BackfillStage.TAGS:
            return self._tags(repository, cursor, since)
        size = self._line.page_size
        try:
            reported = self._query(repository, PULL_REQUEST_PAGE, first=size.now, after=cursor)
        except ForgeAwayError:
            size.failed()
            raise
        size.came()
        within = [node for node in _nodes(reported, "pullRequests") if _at(node, "updatedAt", since) >= since]
        return self._page(reported, "pullRequests", self._whole(repository, within), read_pull_request)

    def pull_requests(self, repository: Listed, numbers: Sequence[int]) -> list[Facts]:
        """All of these pull requests in one request, and more for those that have more than fits a page."""
        query, variables = pull_requests_query(numbers)
        reported = self._query(repository, query, **variables)
        nodes = [node for each in numbers if (node := mapping(reported, f"told_{each}"))]
        whole_nodes = self._whole(repository, nodes)
        return understood(read_pull_request, whole_nodes, repository_payload(reported), self._envelope)

    def _releases(self, repository: Listed, cursor: str | None, since: datetime) -> FactPage:
        reported = self._query(repository, RELEASE_PAGE, after=cursor)
        within = [node for node in _nodes(reported, "releases") if _at(node, "createdAt", since) >= since]
        return self._page(reported, "releases", within, read_release_node)

    def _tags(self, repository: Listed, cursor: str | None, since: datetime) -> FactPage:
        reported = self._query(repository, TAG_PAGE, after=cursor)
        within = [node for node in _nodes(reported, "refs") if (tag_time(node) or since) >= since]
        return self._page(reported, "refs", within, read_tag_node)

    def _page(self, reported: Json, key: str, within: list[Json], read: Reader) -> FactPage:
        """What is within the time asked for; the next page is wanted only when all of this one was."""
        payload, information = repository_payload(reported), mapping(reported, key, "pageInfo")
        has_more = bool(information.get("hasNextPage")) and len(within) == len(_nodes(reported, key))
        cursor = information.get("endCursor") if has_more else None
        facts = understood(read, within, payload, self._envelope)
        return FactPage(
            facts, str(cursor) if cursor else None, len(within), whole(mapping(reported, key), "totalCount")
        )

    def _whole(self, repository: Listed, nodes: list[Json]) -> list[Json]:
        """Pull requests with the commits and reviews that their page had no room for, fetched for all at once."""
        found = [dict(node) for node in nodes]
        by_number = {whole(node, "number"): node for node in found}
        rests = [rest for node in found for part in PARTS for rest in _rest(whole(node, "number"), part, node)]
        while rests:
            query, variables = rest_query(rests)
            reported = self._query(repository, query, **variables)
            following = []
            for rest in rests:
                more = mapping(reported, rest.alias)
                node = by_number[rest.number]
                node[rest.part] = {
                    "nodes": [*items(node[rest.part], "nodes"), *items(mapping(more, rest.part), "nodes")]
                }
                following += _rest(rest.number, rest.part, more)
            rests = following
        return list(found)

    def _query(self, repository: Listed, query: str, **variables: Any) -> Json:
        """The repository in a GraphQL answer."""
        owner, _, name = repository.path.partition("/")
        return self._ask("repository", query, {"owner": owner, "name": name, **variables})

    def _organization(self, login: str, query: str, **variables: Any) -> Json | None:
        """The organization in a GraphQL answer; None when it is a person's account, or is not there."""
        try:
            return self._ask("organization", query, {"login": login, **variables})
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def _ask(self, root: str, query: str, asked: dict[str, Any]) -> Json:
        """What is under the root of a GraphQL answer."""
        reported: Json
        try:
            _, reported = renewing(self._auth, lambda: self._github.requester.graphql_query(query, asked))
        except GithubException as error:
            # The exception quotes the answer, which may quote people.
            reported = self._usable(error, root)
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        found = mapping(reported, "data", root)
        if not found:
            raise RefusedError(NOT_FOUND)
        return found

    def _usable(self, error: GithubException, root: str) -> Json:
        """An answer whose errors are only about what is closed to the token; for others raises ForgeError."""
        answer = error.data if isinstance(error.data, Mapping) else {}
        types = {text(each, "type") for each in items(answer, "errors")}
        if "RATE_LIMITED" in types:
            raise self._line.limit_reported("graphql") from None
        if types == {None}:
            raise self._line.failure_reported() from None
        if root == "organization" and types & MAY_NOT:
            raise RefusedError(FORBIDDEN) from None
        if types and types <= CLOSED and mapping(answer, "data", root):
            return answer
        raise RefusedError(NOT_FOUND if "NOT_FOUND" in types else error.status) from None

    def _get(self, path: str, parameters: dict[str, str]) -> Any:
        return self._rest("GET", path, parameters=parameters)

    def _post(self, path: str, body: dict[str, str]) -> Any:
        return self._rest("POST", path, input=body)

    def _rest(self, verb: str, path: str, **asked: Any) -> Any:
        requester = self._github.requester
        try:
            _, reported = renewing(self._auth, lambda: requester.requestJsonAndCheck(verb, path, **asked))
        except GithubException as error:
            raise RefusedError(error.status) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return reported


def _listed(reported: Json) -> Listed:
    forge_id, path = whole(reported, "id"), reported.get("full_name")
    if forge_id is None or not isinstance(path, str):
        raise RefusedError(NOT_FOUND)
    return Listed(forge_id, path, newest(instant(reported, "pushed_at"), instant(reported, "updated_at")))


def _rest(number: int | None, part: str, node: Json) -> list[Rest]:
    """What is left of a part, if anything is."""
    information = mapping(node, part, "pageInfo")
    after = information.get("endCursor") if information.get("hasNextPage") else None
    return [Rest(number, part, after)] if number is not None and isinstance(after, str) else []


def _nodes(reported: Json, key: str) -> list[Json]:
    return items(mapping(reported, key), "nodes")


def _at(node: Json, key: str, default: datetime) -> datetime:
    return instant(node, key) or default
