"""Hashes of one body, each computed once: sessions, links and teams repeat from record to record."""

from typing import Any

from schema.identifiers import Hasher
from service.http.event_packing import LinkHashes
from service.telemetry.reading.labels import team_label
from service.telemetry.reading.normalised import Links
from vocabulary.merge_references import number_in

# Limits the memory that one body can take.
MAXIMUM_REMEMBERED = 10_000


class BodyHashes:
    """Hashes with one organization's key; lives as long as the body."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._sessions: dict[tuple[str, str], bytes] = {}
        self._links: dict[int, tuple[Links, LinkHashes]] = {}
        self._teams: dict[str | None, str | None] = {}

    def session(self, source: str, session: str) -> bytes:
        """Hash an agent's session."""
        known = self._sessions.get((source, session))
        if known is None:
            _limit(self._sessions)
            known = self._sessions[source, session] = self._hasher.session(source, session)
        return known

    def team(self, text: str | None) -> str | None:
        """Return a team's label, or None if the text cannot be one."""
        if text not in self._teams:
            _limit(self._teams)
            self._teams[text] = team_label(text)
        return self._teams[text]

    def links(self, links: Links) -> LinkHashes:
        """Hash links into the evidence columns, looked up by `id`: events of the same work share one object."""
        known = self._links.get(id(links))
        if known is None:
            # Keeping the links alive keeps their id from being reused.
            _limit(self._links)
            known = self._links[id(links)] = links, _link_hashes(self._hasher, links)
        _, hashes = known
        return hashes


def _limit(known: dict[Any, Any]) -> None:
    """Forget everything when there is too much: a body may name something else in each record."""
    if len(known) >= MAXIMUM_REMEMBERED:
        known.clear()


def _link_hashes(hasher: Hasher, links: Links) -> LinkHashes:
    """Hash links; a branch that a forge made for a pull request, such as a merge queue's, counts as its number."""
    named = None if links.branch is None else number_in(links.branch)
    number = links.number or named
    return LinkHashes(
        artifact=links.artifact,
        number=None if number is None else hasher.number(number),
        commit=None if links.commit is None else hasher.commit(links.commit),
        branch=None if links.branch is None or named else hasher.branch(links.branch),
        repository=None if links.repository is None else hasher.repository_by_name(links.repository),
    )
