"""What a search for a pull request asks for: an artifact id, a number, a repository, or a number in one. Pure."""

import re
from typing import NamedTuple

from schema.identifiers import RepositoryName, artifact_bytes
from service.dashboard.components.repositories import repository_names

_ID = re.compile(r"(a1_)?[0-9a-f]{64}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?P<repository>.+?)(?:/-)?/(?:pull|merge_requests)/(?P<number>[0-9]{1,18})(?:[/?#].*)?")
_NUMBERED = re.compile(r"(?P<repository>[^#!]*)[#!](?P<number>[0-9]{1,18})")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Sought(NamedTuple):
    """A search: an id, or a number, or repositories, or a number in those.

    `repositories` are the names that the text may mean at each forge; `label` is the last part of a name alone.
    """

    artifact_id: bytes | None = None
    number: int | None = None
    repositories: tuple[RepositoryName, ...] = ()
    label: str = ""

    @property
    def has_repository(self) -> bool:
        """Whether it names a repository."""
        return bool(self.repositories or self.label)


def read_sought(text: str) -> Sought:
    """Read `a1_…`, `7`, `#7`, `repo#7`, `owner/repo#7`, an address at the forge, `owner/repo` or `repo`."""
    asked = text.strip()
    if _ID.fullmatch(asked):
        return Sought(artifact_id=artifact_bytes(asked))
    if _NUMBER.fullmatch(asked):
        return Sought(number=int(asked))
    found = _ADDRESS.fullmatch(asked) or _NUMBERED.fullmatch(asked)
    if found is None:
        return _in_repository(asked, None)
    return _in_repository(found["repository"], int(found["number"]))


def _in_repository(text: str, number: int | None) -> Sought:
    name = text.strip()
    if not name:
        return Sought(number=number)
    if "/" not in name:
        return Sought(number=number, label=name.lower())
    return Sought(number=number, repositories=repository_names(name), label="")
