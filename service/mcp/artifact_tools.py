"""Tools about one pull request or release, and about the dearest ones."""

from typing import Annotated, Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from service.mcp import sentences
from service.mcp.parameters import ArtifactId, Caller, First, Forge, Found, Last, Limit, Repository, Team
from service.mcp.service_requests import Asked, Service

ATTRIBUTIONS = "/api/v1/attributions"
RELEASES = "/api/v1/releases"


class ArtifactTools:
    """Questions about artifacts; without a repository, `default_repository` is meant."""

    def __init__(self, service: Service, default_repository: str | None) -> None:
        self._service = service
        self._default_repository = default_repository
        self.all = (self.pull_request_cost, self.release_cost, self.dearest)

    def pull_request_cost(
        self,
        context: Caller,
        number: Annotated[int | None, Field(ge=1, description="Number of the pull request or merge request")] = None,
        repository: Repository = None,
        forge: Forge = None,
        artifact_id: ArtifactId = None,
    ) -> Found:
        """Say what one pull request cost in tokens and dollars, by model, and how sure that is."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            named = {"artifact_id": artifact_id} if artifact_id else self._named(repository, "number", number)
            found = asked.get(ATTRIBUTIONS, {**named, "forge": forge})
            if not found["items"]:
                return str(found["explanation"] or "No pull request matches."), found
            name = f"Pull request {number}" if number else str(artifact_id)
            return sentences.pull_request(found["items"][0], name), found

        return self._service.answer(context, question)

    def release_cost(
        self,
        context: Caller,
        tag: Annotated[str | None, Field(description="Tag of the release, such as v1.2.0")] = None,
        repository: Repository = None,
        forge: Forge = None,
        artifact_id: ArtifactId = None,
    ) -> Found:
        """Say what one release cost in tokens and dollars, with its pull requests, and how sure that is."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            if artifact_id:
                found = asked.get(f"{RELEASES}/{artifact_id}")
                return sentences.release(found, artifact_id), found
            listed = asked.get(RELEASES, {**self._named(repository, "tag", tag), "forge": forge})
            if not listed["items"]:
                return str(listed["explanation"] or "No release matches."), listed
            found = asked.get(f"{RELEASES}/{listed['items'][0]['artifact_id']}")
            return sentences.release(found, str(tag)), found

        return self._service.answer(context, question)

    def dearest(
        self,
        context: Caller,
        kind: Annotated[Literal["pull_request", "release"], Field(description="What to rank")] = "pull_request",
        state: Annotated[
            Literal["merged", "open", "abandoned"] | None, Field(description="Only pull requests in this state")
        ] = None,
        team: Team = None,
        first_day: First = None,
        last_day: Last = None,
        limit: Limit = 10,
    ) -> Found:
        """List the dearest pull requests (merged in a period, if days are given) or releases."""

        def question(asked: Asked) -> tuple[str, dict[str, Any]]:
            order: dict[str, Any] = {"sort": "cost", "limit": limit}
            if kind == "release":
                found = asked.get(RELEASES, {**order, "from": first_day, "to": last_day})
            else:
                place = {"team": team, "merged_from": first_day, "merged_to": last_day, "state": state}
                found = asked.get(ATTRIBUTIONS, {**order, **place})
            return sentences.dearest(found["items"], kind.replace("_", " ")), found

        return self._service.answer(context, question)

    def _named(self, repository: str | None, field: str, value: object) -> dict[str, Any]:
        """Return the parameters that name an artifact in a repository; raises ToolError if `value` is missing."""
        if value is None:
            raise ToolError(f"{field} is missing; pass it with the repository, or pass artifact_id")
        return {"repository": repository or self._default_repository, field: value}
