"""Notes on GitLab merge requests, written with a token that has the scope `api`.

https://docs.gitlab.com/api/notes/#merge-requests
"""

from collections.abc import Callable, Mapping
from typing import Any

from workers.forge_access.errors import ForgeError, RefusedError
from workers.forge_events.reading import OWN_NOTE, Json, mapping, text, whole
from workers.forges.gitlab.session import call, open_gitlab
from workers.forges.transport import Transport
from workers.summaries.places import Place, Remote
from workers.summaries.text import SummaryText

PAGE = 100
NOT_FOUND = 404


class GitlabNotes:
    """A SummaryWriter of notes."""

    def __init__(self, transport: Transport, base_url: str, token: str) -> None:
        self._gitlab = open_gitlab(transport, base_url, token)

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """See SummaryWriter; raises RefusedError 401 or 403 if the token may not write notes."""
        if place.forge_id is None:
            raise ForgeError("the number of the project is not known")
        notes = f"/projects/{place.forge_id}/merge_requests/{place.number}/notes"
        mark = f"{OWN_NOTE}{name} -->"
        shown = {"body": f"{mark}\n**Shipledger: {text.title}**\n\n{text.body}\n"}
        number = remote.number if remote else self._find(notes, mark)
        if number is not None:
            try:
                self._call(lambda: self._gitlab.http_put(f"{notes}/{number}", post_data=shown))
            except RefusedError as error:
                # Somebody deleted the note.
                if error.status != NOT_FOUND:
                    raise
            else:
                return Remote(number, None)
        made = whole(self._call(lambda: self._gitlab.http_post(notes, post_data=shown)), "id")
        if made is None:
            raise ForgeError("the answer contains no note")
        return Remote(made, None)

    def is_current(self, place: Place, remote: Remote | None) -> bool:  # noqa: ARG002 - independent of commits
        """Return whether the note exists; it stays with its merge request."""
        return remote is not None

    def _find(self, notes: str, mark: str) -> int | None:
        """Find a note created before its number could be stored; notes of others that quote it are ignored."""
        own = whole(self._call(lambda: self._gitlab.http_get("/user")), "id")
        query = {"order_by": "created_at", "sort": "asc"}
        page = 1
        while True:
            answer = self._list(notes, query, page)
            for each in answer:
                if (text(each, "body") or "").startswith(mark) and whole(mapping(each, "author"), "id") == own:
                    return whole(each, "id")
            if len(answer) < PAGE:
                return None
            page += 1

    def _list(self, path: str, query: dict[str, Any], page: int) -> list[Json]:
        answer = call(lambda: self._gitlab.http_list(path, query, page=page, per_page=PAGE, get_all=False))
        return [each for each in answer if isinstance(each, Mapping)]

    def _call(self, request: Callable[[], Any]) -> Json:
        answer = call(request)
        return answer if isinstance(answer, Mapping) else {}
