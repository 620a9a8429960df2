"""A team as a forge tells it. Who is in it is known in memory only, and there not by name.

A person is a digest under a key that this process made up when it began: it tells members from each other, and means
nothing to anybody else.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class ForgeTeam:
    """A team of an organization at GitHub, or a group at GitLab.

    `handle` is as CODEOWNERS files write it, without the `@`; `parent` the number of the team that it is within.
    `people` are all members, those of teams within or of groups around it included, as the forge counts them.
    `owned` are numbers of the repositories that it maintains, or of the projects that lie in it.
    """

    number: int
    handle: str
    parent: int | None = None
    people: frozenset[bytes] = field(default=frozenset(), repr=False)
    owned: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The last part of the handle."""
        return self.handle.rpartition("/")[2]


def digest_person(name: str) -> bytes:
    """What stands for a login or a number of a person in this process, for as long as it lasts."""
    return hashlib.blake2b(name.lower().encode(), key=_KEY, digest_size=16).digest()
